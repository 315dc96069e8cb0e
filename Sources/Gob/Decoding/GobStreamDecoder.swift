/// Reads values from a gob stream whose bytes come in pieces of any size.
///
/// ```
/// decoder.append(piece)
/// while let value = try decoder.next(.bytes) { … }
/// ```
/// Definitions that the stream sends are kept for its life. Memory is bounded by what has been received and by
/// `limits`. After an error the stream is lost: nothing tells where the next message begins.
public struct GobStreamDecoder: Sendable {
    /// May be changed between two values.
    public var limits: GobLimits
    private var types = WireTypeTable()
    private var plans: [KnownPlan] = []
    private var buffer: [UInt8] = []
    /// What lies before has been read.
    private var start = 0

    private struct KnownPlan: Sendable {
        let id: Int64
        let type: GobType
        let plan: GobPlan
    }

    public init(limits: GobLimits = GobLimits()) {
        self.limits = limits
    }

    /// Bytes that have come, but belong to no complete value yet.
    public var bytesWaiting: Int { buffer.count - start }

    /// Adds the next bytes of the stream.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        // What was read is dropped when it is at least half, so each byte is moved once on average.
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= GobStreamDecoder.keptCapacity)
            start = 0
        } else if start > buffer.count / 2 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next value, which must be of `type`; nil while it is not complete. Definitions before it are taken in.
    public mutating func next(_ type: GobType) throws(GobError) -> GobValue? {
        while let message = try GobFraming.message(in: buffer, from: start, limits: limits) {
            var cursor = GobCursor(message)
            let id = try cursor.signed("type id", in: buffer)
            guard id < 0 else {
                start = message.upperBound
                return try value(of: type, id: id, cursor)
            }
            try GobFraming.define(id, message, &cursor, in: buffer, limits: limits, as: &types)
            start = message.upperBound
        }
        return nil
    }

    private mutating func value(of type: GobType, id: Int64, _ start: GobCursor) throws(GobError) -> GobValue {
        var cursor = start
        let plan = try plan(for: type, id: id)
        if case .structure = plan {
        } else {
            // At the top level a zero stands before everything but structures.
            guard try cursor.unsigned("top level mark", in: buffer) == 0 else {
                throw GobError(.kindMismatch(expected: type.kindName), at: "top level mark")
            }
        }
        var reader = GobValueReader(cursor, types: types, limits: limits)
        return try reader.value(plan, type.kindName, in: buffer)
    }

    private mutating func plan(for type: GobType, id: Int64) throws(GobError) -> GobPlan {
        if let known = plans.first(where: { $0.id == id && $0.type == type }) { return known.plan }
        let plan = try types.plan(for: type, id: id, type.kindName)
        plans.append(KnownPlan(id: id, type: type, plan: plan))
        return plan
    }

    /// A buffer that grew beyond this for one long message is given back.
    private static let keptCapacity = 64 << 10
}
