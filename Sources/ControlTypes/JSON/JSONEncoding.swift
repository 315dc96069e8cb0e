extension JSONValue {
    /// The value as JSON: members in the order in which it encodes them (for a synthesised conformance, the order of
    /// the coding keys), and an absent optional as `null`, so that a schema always shows all its fields.
    public init(encoding value: some Encodable) throws(JSONError) {
        let slot = JSONSlot()
        do {
            try value.encode(to: ValueEncoder(slot: slot, codingPath: []))
        } catch let error as JSONError {
            throw error
        } catch {
            throw .inexpressible("\(error)")
        }
        self = slot.value
    }
}

/// A place in the tree that an encoder fills; a reference, since `Encodable` hands containers out by value.
private final class JSONSlot {
    enum Kind { case scalar, array, object }
    private(set) var kind = Kind.scalar
    var scalar = JSONValue.null
    /// Of an array or object, in order; `names` goes beside it in an object.
    private var slots: [JSONSlot] = []
    private var names: [String] = []

    var value: JSONValue {
        switch kind {
        case .scalar: scalar
        case .array: .array(slots.map(\.value))
        case .object: .object(zip(names, slots).map { JSONMember($0, $1.value) })
        }
    }

    var count: Int { slots.count }

    /// Makes this an array or an object, if it is not one already.
    func become(_ wanted: Kind) {
        guard kind != wanted else { return }
        kind = wanted
        slots = []
        names = []
    }

    func appended() -> JSONSlot {
        let slot = JSONSlot()
        slots.append(slot)
        return slot
    }

    func member(_ name: String) -> JSONSlot {
        names.append(name)
        return appended()
    }

    func fill(_ value: some Encodable, codingPath: [any CodingKey]) throws {
        try value.encode(to: ValueEncoder(slot: self, codingPath: codingPath))
    }
}

private struct ValueEncoder: Encoder {
    let slot: JSONSlot
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.become(.object)
        return KeyedEncodingContainer(MemberEncoder<Key>(slot: slot, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.become(.array)
        return ListEncoder(slot: slot, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        ScalarEncoder(slot: slot, codingPath: codingPath)
    }
}

private struct ScalarEncoder: SingleValueEncodingContainer {
    let slot: JSONSlot
    let codingPath: [any CodingKey]

    func encodeNil() { slot.scalar = .null }
    func encode(_ value: Bool) { slot.scalar = .bool(value) }
    func encode(_ value: String) { slot.scalar = .text(value) }
    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Double) throws {
        guard value.isFinite else { throw JSONError.inexpressible("\(value)") }
        slot.scalar = .number(value)
    }
    func encode(_ value: Int) { encode(integer: value) }
    func encode(_ value: Int8) { encode(integer: value) }
    func encode(_ value: Int16) { encode(integer: value) }
    func encode(_ value: Int32) { encode(integer: value) }
    func encode(_ value: Int64) { encode(integer: value) }
    func encode(_ value: UInt) { encode(integer: value) }
    func encode(_ value: UInt8) { encode(integer: value) }
    func encode(_ value: UInt16) { encode(integer: value) }
    func encode(_ value: UInt32) { encode(integer: value) }
    func encode(_ value: UInt64) { encode(integer: value) }
    func encode<T: Encodable>(_ value: T) throws { try slot.fill(value, codingPath: codingPath) }

    private func encode<T: FixedWidthInteger>(integer value: T) {
        if let small = Int64(exactly: value) {
            slot.scalar = .integer(small)
        } else {
            slot.scalar = .unsigned(UInt64(truncatingIfNeeded: value))
        }
    }
}

private struct ListEncoder: UnkeyedEncodingContainer {
    let slot: JSONSlot
    let codingPath: [any CodingKey]
    var count: Int { slot.count }

    func encodeNil() { _ = slot.appended() }
    func encode<T: Encodable>(_ value: T) throws { try slot.appended().fill(value, codingPath: codingPath) }
    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        ValueEncoder(slot: slot.appended(), codingPath: codingPath).container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        ValueEncoder(slot: slot.appended(), codingPath: codingPath).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { ValueEncoder(slot: slot.appended(), codingPath: codingPath) }
}

private struct MemberEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: JSONSlot
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { _ = slot.member(key.stringValue) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try slot.member(key.stringValue).fill(value, codingPath: codingPath + [key])
    }

    // Synthesised conformances call one of these for an optional; the standard ones would leave the member out.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try optional(value, key) }

    private func optional<T: Encodable>(_ value: T?, _ key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<
        Nested
    > {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { ValueEncoder(slot: slot.member("super"), codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
    }
}
