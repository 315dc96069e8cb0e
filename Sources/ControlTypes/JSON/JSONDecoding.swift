extension Decodable {
    /// Reads a value from a JSON text. Members that the type does not know are skipped; see ``JSONValue/init(parsing:)``
    /// for what a text may be.
    public init(json text: [UInt8]) throws(JSONError) {
        try self.init(json: JSONValue(parsing: text))
    }

    /// Reads a value from a JSON tree.
    public init(json value: JSONValue) throws(JSONError) {
        do {
            try self.init(from: ValueDecoder(value: value, codingPath: []))
        } catch let error as JSONError {
            throw error
        } catch DecodingError.dataCorrupted(let context) {
            throw .unexpected(path: pathText(context.codingPath), context.debugDescription)
        } catch {
            throw .unexpected(path: "", "\(error)")
        }
    }
}

extension Encodable {
    /// The JSON text of the value; see ``JSONValue/init(encoding:)``.
    public func json(_ layout: JSONLayout = .compact) throws(JSONError) -> String {
        try JSONValue(encoding: self).text(layout)
    }
}

/// `addresses[0].text`
private func pathText(_ path: [any CodingKey]) -> String {
    path.reduce("") { text, key in
        if let index = key.intValue { return text + "[\(index)]" }
        return text.isEmpty ? key.stringValue : text + "." + key.stringValue
    }
}

private struct ListIndex: CodingKey {
    let intValue: Int?
    var stringValue: String { intValue.map(String.init) ?? "" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
}

private struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object = value else { throw wrong("an object") }
        return KeyedDecodingContainer(MemberDecoder<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let values) = value else { throw wrong("a list") }
        return ListDecoder(values: values, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func wrong(_ expected: String) -> JSONError {
        .unexpected(path: pathText(codingPath), "expected \(expected), found \(value.kind)")
    }

    func decodeNil() -> Bool { value == .null }
    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = value else { throw wrong("true or false") }
        return flag
    }
    func decode(_ type: String.Type) throws -> String {
        guard case .text(let text) = value else { throw wrong("text") }
        return text
    }
    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        case .unsigned(let number): return Double(number)
        default: throw wrong("a number")
        }
    }
    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }

    private func integer<T: FixedWidthInteger>() throws -> T {
        let exact: T?
        switch value {
        case .integer(let number): exact = T(exactly: number)
        case .unsigned(let number): exact = T(exactly: number)
        case .number(let number): exact = T(exactly: number)
        default: throw wrong("a number")
        }
        guard let exact else {
            throw JSONError.unexpected(path: pathText(codingPath), "a number out of range or not whole")
        }
        return exact
    }
}

private struct ListDecoder: UnkeyedDecodingContainer {
    let values: [JSONValue]
    let codingPath: [any CodingKey]
    var currentIndex = 0

    init(values: [JSONValue], codingPath: [any CodingKey]) {
        self.values = values
        self.codingPath = codingPath
    }

    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex >= values.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, values[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: next()) }
    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws -> ValueDecoder {
        let path = codingPath + [ListIndex(intValue: currentIndex)]
        guard !isAtEnd else { throw JSONError.unexpected(path: pathText(path), "the list is too short") }
        defer { currentIndex += 1 }
        return ValueDecoder(value: values[currentIndex], codingPath: path)
    }
}

private struct MemberDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ValueDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] {
        guard case .object(let members) = decoder.value else { return [] }
        return members.compactMap { Key(stringValue: $0.name) }
    }

    func contains(_ key: Key) -> Bool { decoder.value[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: member(key)) }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try member(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key).unkeyedContainer()
    }
    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

    private func member(_ key: Key) throws -> ValueDecoder {
        let path = codingPath + [key]
        guard let value = decoder.value[key.stringValue] else {
            throw JSONError.unexpected(path: pathText(path), "missing")
        }
        return ValueDecoder(value: value, codingPath: path)
    }
}
