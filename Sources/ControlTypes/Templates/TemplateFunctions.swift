extension TemplateRun {
    /// Calls any function but `and` and `or`, which ``TemplateRun`` itself evaluates.
    mutating func apply(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> TemplateValue {
        switch function {
        case .json: return .text(try json(try only(function, arguments)))
        case .len: return try length(try only(function, arguments))
        case .not: return .bool(!(try only(function, arguments)).isTrue)
        case .index: return try index(arguments)
        case .eq: return .bool(try isAnyEqual(arguments))
        case .ne, .lt, .le, .gt, .ge: return .bool(try compare(function, arguments))
        case .print: return .text(try plain(arguments))
        case .println: return .text(try plain(arguments, isLine: true))
        case .printf:
            guard case .text(let format)? = arguments.first else { throw .refused("expected string") }
            return .text(try formatted(by: format, Array(arguments.dropFirst())))
        case .and, .or: throw .refused("wrong number of args for \(function)")
        }
    }

    private func only(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> TemplateValue {
        guard arguments.count == 1, let argument = arguments.first else {
            throw .refused("wrong number of args for \(function)")
        }
        return argument
    }

    private mutating func json(_ value: TemplateValue) throws(TemplateFailure) -> String {
        let text = value.json.text(.reportLine)
        try spend(text.utf8.count)
        guard text.utf8.count <= limits.output else { throw .limit("a text exceeds \(limits.output) bytes") }
        return text
    }

    private func length(_ value: TemplateValue) throws(TemplateFailure) -> TemplateValue {
        switch value {
        case .text(let text): .integer(Int64(text.utf8.count))
        case .list(let items, _): .integer(Int64(items.count))
        case .map(let members, _): .integer(Int64(members.count))
        default: throw .refused("len of a \(value.typeName)")
        }
    }

    /// The first argument, followed by the others as places and names; a text's items are its bytes.
    private func index(_ arguments: [TemplateValue]) throws(TemplateFailure) -> TemplateValue {
        guard var value = arguments.first else { throw .refused("wrong number of args for index") }
        for place in arguments.dropFirst() {
            switch (value, place) {
            case (.map(let members, _), .text(let name)):
                value = members.first { $0.name == name }?.value ?? .absent
            case (.list(let items, _), _): value = items[try position(place, below: items.count)]
            case (.text(let text), _):
                let position = try position(place, below: text.utf8.count)
                value = .unsigned(UInt64(text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: position)]))
            default: throw .refused("can't index a \(value.typeName) with a \(place.typeName)")
            }
        }
        return value
    }

    private func position(_ place: TemplateValue, below count: Int) throws(TemplateFailure) -> Int {
        let position: Int?
        switch place {
        case .integer(let number): position = Int(exactly: number)
        case .unsigned(let number): position = Int(exactly: number)
        default: throw .refused("cannot index with a \(place.typeName)")
        }
        guard let position, (0..<count).contains(position) else { throw .refused("index out of range") }
        return position
    }

    // MARK: Comparison

    /// Whether the first argument equals one of the others.
    private mutating func isAnyEqual(_ arguments: [TemplateValue]) throws(TemplateFailure) -> Bool {
        guard let first = arguments.first, arguments.count > 1 else {
            throw .refused("missing argument for comparison")
        }
        for other in arguments.dropFirst() where try isEqual(first, other) { return true }
        return false
    }

    private mutating func isEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFailure) -> Bool {
        if left.isNothing || right.isNothing { return left.isNothing && right.isNothing }
        if case (.bool(let left), .bool(let right)) = (left, right) { return left == right }
        return try order(left, right) == .same
    }

    private mutating func compare(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(TemplateFailure) -> Bool {
        guard arguments.count == 2 else { throw .refused("wrong number of args for \(function)") }
        if function == .ne { return try !isEqual(arguments[0], arguments[1]) }
        let order = try order(arguments[0], arguments[1])
        switch function {
        case .lt: return order == .before
        case .le: return order != .behind
        case .gt: return order == .behind
        default: return order != .before
        }
    }

    private enum Order { case before, same, behind }

    private mutating func order(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFailure) -> Order {
        switch (left, right) {
        case (.text(let left), .text(let right)):
            // By bytes: Swift's own comparison takes different spellings of a character as the same.
            try spend(min(left.utf8.count, right.utf8.count))
            if left.utf8.elementsEqual(right.utf8) { return .same }
            return left.utf8.lexicographicallyPrecedes(right.utf8) ? .before : .behind
        case (.float(let left), .float(let right)): return Self.order(left, right)
        case (.integer(let left), .integer(let right)): return Self.order(left, right)
        case (.unsigned(let left), .unsigned(let right)): return Self.order(left, right)
        case (.integer(let left), .unsigned(let right)): return Self.order(Int128(left), Int128(right))
        case (.unsigned(let left), .integer(let right)): return Self.order(Int128(left), Int128(right))
        default: throw .refused("cannot compare a \(left.typeName) with a \(right.typeName)")
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Order {
        left < right ? .before : left == right ? .same : .behind
    }
}
