/// Reads flat structures, alone and in slices, without building values: for payloads that are mostly rows of a few
/// fields. What it accepts and refuses, and the limits, are those of `GobDecoder`.
///
/// ```
/// var decoder = GobRowDecoder(payload, expecting: [.structure(summary), .slice(of: .structure(connection))])
/// var row = GobRow()
/// while try decoder.next(0, into: &row), let count = try decoder.nextCount(1) {
///     for _ in 0..<count { try decoder.nextElement(into: &row) }
/// }
/// ```
public struct GobRowDecoder: Sendable {
    private let bytes: [UInt8]
    private let limits: GobLimits
    private let expected: [GobType]
    private var types = WireTypeTable()
    /// Definitions that are read already, if the bytes have them, and how many of them have come. Nothing but these has
    /// come while `types` is not used.
    private let known: GobKnownDefinitions?
    private var knownTaken = 0
    private var isKnown: Bool
    /// By index of the expected type: the plan of its last value.
    private var plans: [RowPlan?]
    /// Plans of values before, and their indices: a sender that changes between two types with each value must not have
    /// its plans made anew with each.
    private var earlierPlans: [(index: Int, plan: RowPlan)] = []
    /// What lies before has been read.
    private var start = 0
    /// The slice that is being read: its plan, and the rest of its message.
    private var slice: (plan: Int, cursor: GobCursor)?

    struct RowPlan: Sendable {
        /// The sender's type.
        let id: Int64
        let structure: GobStructureType
        /// For each field number of the sender.
        let steps: [Step]
        /// What the sender's fields are called in errors.
        let names: [String]
    }

    /// Without names: a step is copied for each field of each row.
    enum Step: Sendable {
        case number(index: Int)
        case counted(index: Int)
        case skip(id: Int64)
    }

    /// - Parameter expecting: structures of bool, uint, bytes and string fields, and slices of such; another type is our
    ///   own mistake.
    public init(_ bytes: [UInt8], expecting: [GobType], limits: GobLimits = GobLimits()) {
        self.bytes = bytes
        self.limits = limits
        expected = expecting
        known = nil
        isKnown = false
        plans = Array(repeating: nil, count: expecting.count)
    }

    /// The same, with the usual limits, for bytes that most likely begin with definitions that are known.
    public init(_ bytes: [UInt8], expecting known: GobKnownDefinitions) {
        self.bytes = bytes
        limits = GobLimits()
        expected = known.expected
        self.known = known
        isKnown = true
        plans = Array(repeating: nil, count: known.expected.count)
    }

    /// Reads the next value, a structure of the type with this index; false at the end of the bytes.
    public mutating func next(_ index: Int, into row: inout GobRow) throws(GobError) -> Bool {
        guard var cursor = try nextValue(index) else { return false }
        try read(index, &cursor, into: &row)
        return true
    }

    /// Begins the next value, a slice of the type with this index: how many elements it has; nil at the end of the bytes.
    /// They are to be read one by one; what is not read is stepped over unseen.
    public mutating func nextCount(_ index: Int) throws(GobError) -> Int? {
        guard var cursor = try nextValue(index) else { return nil }
        guard try cursor.unsigned("top level mark", in: bytes) == 0 else {
            throw GobError(.kindMismatch(expected: "slice"), at: "top level mark")
        }
        let count = try cursor.count("slice", in: bytes)
        guard count <= limits.elements else { throw GobError(.tooManyElements(limit: limits.elements), at: "slice") }
        slice = (index, cursor)
        return count
    }

    /// Reads the next element of the slice that was begun last.
    public mutating func nextElement(into row: inout GobRow) throws(GobError) {
        guard var current = slice else { preconditionFailure("elements are read after their count") }
        try read(current.plan, &current.cursor, into: &row)
        slice = current
    }

    /// The bytes of a field that was read last; empty if the sender left it out.
    public func bytes(_ field: Int, of row: GobRow) -> ArraySlice<UInt8> {
        bytes[row.range(field)]
    }

    /// The text of a field that was read last, with what is not UTF-8 replaced; empty if the sender left it out.
    public func text(_ field: Int, of row: GobRow) -> String {
        String(decoding: bytes[row.range(field)], as: UTF8.self)
    }

    /// Where the next value begins behind its type id; definitions before it are taken in.
    private mutating func nextValue(_ index: Int) throws(GobError) -> GobCursor? {
        slice = nil
        while let message = try GobFraming.message(in: bytes, from: start, limits: limits) {
            var cursor = GobCursor(message)
            let id = try cursor.signed("type id", in: bytes)
            start = message.upperBound
            if id < 0 {
                if takeKnown(message) { continue }
                try GobFraming.define(id, message, &cursor, in: bytes, limits: limits, as: &types)
                continue
            }
            if plans[index]?.id != id { try changePlan(index, to: id) }
            return cursor
        }
        guard start == bytes.count else {
            throw GobError(.truncated(needed: bytes.count - start + 1, left: bytes.count - start), at: "message")
        }
        return nil
    }

    /// Whether this definition is the next of the known ones. If it is not, all that have come are taken in as they would
    /// have been.
    private mutating func takeKnown(_ message: Range<Int>) -> Bool {
        guard isKnown, let known else { return false }
        if known.isNext(bytes[message], after: knownTaken) {
            knownTaken += 1
            return true
        }
        leaveKnown(known)
        return false
    }

    private mutating func leaveKnown(_ known: GobKnownDefinitions) {
        types = known.types(after: knownTaken)
        isKnown = false
    }

    /// At most one plan is kept for each definition and expected type.
    private mutating func changePlan(_ index: Int, to id: Int64) throws(GobError) {
        if let known = earlierPlans.first(where: { $0.index == index && $0.plan.id == id }) {
            plans[index] = known.plan
            return
        }
        if isKnown, let known {
            if let plan = known.plan(index, id: id, after: knownTaken) {
                plans[index] = plan
                return
            }
            leaveKnown(known)
        }
        let plan = try GobRowDecoder.plan(for: expected[index], id: id, types)
        earlierPlans.append((index, plan))
        plans[index] = plan
    }

    static func plan(for expected: GobType, id: Int64, _ types: WireTypeTable) throws(GobError) -> RowPlan {
        var plan = try types.plan(for: expected, id: id, expected.kindName)
        if case .slice(let element) = plan { plan = element }
        guard case .structure(let type, let steps) = plan else { preconditionFailure("rows are structures") }
        var rowSteps: [Step] = []
        var names: [String] = []
        for step in steps {
            switch step {
            case .skip(let id, let name):
                rowSteps.append(.skip(id: id))
                names.append(name)
            case .take(let field, let name, .bool), .take(let field, let name, .uint):
                rowSteps.append(.number(index: field))
                names.append(name)
            case .take(let field, let name, .bytes), .take(let field, let name, .string):
                rowSteps.append(.counted(index: field))
                names.append(name)
            case .take: preconditionFailure("fields of rows are numbers and bytes")
            }
        }
        return RowPlan(id: id, structure: type, steps: rowSteps, names: names)
    }

    private func read(_ index: Int, _ cursor: inout GobCursor, into row: inout GobRow) throws(GobError) {
        guard let plan = plans[index] else { preconditionFailure("a value has a plan when it is read") }
        row.clear(plan.structure.fields.count)
        var number = -1
        while let next = try cursor.nextField(after: number, of: plan.steps.count, "structure", in: bytes) {
            number = next
            do throws(GobError) {
                try read(plan.steps[next], &cursor, into: &row)
            } catch {
                throw GobError(error.reason, at: plan.names[next])
            }
        }
    }

    private var currentTypes: WireTypeTable {
        if isKnown, let known { known.types(after: knownTaken) } else { types }
    }

    private func read(_ step: Step, _ cursor: inout GobCursor, into row: inout GobRow) throws(GobError) {
        switch step {
        case .number(let field): row.set(field, number: try cursor.unsigned("", in: bytes))
        case .counted(let field):
            let count = try cursor.count("", in: bytes)
            row.set(field, range: cursor.offset..<(cursor.offset + count))
            cursor.advance(count)
        case .skip(let id):
            var reader = GobValueReader(cursor, types: currentTypes, limits: limits)
            try reader.skip(id, "", depth: 1, in: bytes)
            cursor = reader.cursor
        }
    }
}

/// The fields of one structure, by their index in the expected type: numbers as they are, bytes as places in the
/// decoder's bytes. What the sender left out is zero, or empty. Made to be used again for each row.
public struct GobRow: Sendable {
    private var values: [UInt64] = []
    private var ends: [Int] = []

    public init() {}

    /// A uint, or 1 for a bool that is true.
    public func number(_ field: Int) -> UInt64 { values[field] }

    public func bool(_ field: Int) -> Bool { values[field] != 0 }

    func range(_ field: Int) -> Range<Int> { Int(values[field])..<ends[field] }

    mutating func clear(_ count: Int) {
        if values.count != count {
            values = Array(repeating: 0, count: count)
            ends = Array(repeating: 0, count: count)
            return
        }
        for index in 0..<count {
            values[index] = 0
            ends[index] = 0
        }
    }

    mutating func set(_ field: Int, number: UInt64) {
        values[field] = number
    }

    mutating func set(_ field: Int, range: Range<Int>) {
        values[field] = UInt64(range.lowerBound)
        ends[field] = range.upperBound
    }
}
