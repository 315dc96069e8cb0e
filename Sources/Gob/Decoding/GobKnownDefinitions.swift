/// Definitions that nearly every payload of a kind begins with, read once: what they define, and how values of these types
/// are read as the types that are expected. A decoder that is given them compares bytes where it would read definitions.
///
/// It changes nothing of what is accepted: bytes that differ are read as ever.
public struct GobKnownDefinitions: Sendable {
    /// As given to `GobRowDecoder.init(_:expecting:)`.
    let expected: [GobType]
    /// The definitions' messages, without their lengths, in their order.
    private let messages: [[UInt8]]
    /// What is defined after none, one, two and so on of them.
    private let tables: [WireTypeTable]
    private let plans: [KnownPlan]

    private struct KnownPlan: Sendable {
        let index: Int
        let plan: GobRowDecoder.RowPlan
        /// How many definitions it needs.
        let needed: Int
    }

    /// - Parameters:
    ///   - values: whole messages: for each expected type definitions as a sender writes them, and its id.
    public init(expecting: [GobType], values: [(definitions: [UInt8], id: Int64)]) {
        var messages: [[UInt8]] = []
        var tables = [WireTypeTable()]
        var plans: [KnownPlan] = []
        for (index, value) in values.enumerated() {
            do throws(GobError) {
                var start = 0
                while let message = try GobFraming.message(in: value.definitions, from: start, limits: GobLimits()) {
                    var cursor = GobCursor(message)
                    let id = try cursor.signed("type id", in: value.definitions)
                    var table = tables[tables.count - 1]
                    try GobFraming.define(
                        id, message, &cursor, in: value.definitions, limits: GobLimits(), as: &table)
                    messages.append(Array(value.definitions[message]))
                    tables.append(table)
                    start = message.upperBound
                }
                let plan = try GobRowDecoder.plan(for: expecting[index], id: value.id, tables[tables.count - 1])
                plans.append(KnownPlan(index: index, plan: plan, needed: messages.count))
            } catch {
                preconditionFailure("definitions of our own can be read")
            }
        }
        expected = expecting
        self.messages = messages
        self.tables = tables
        self.plans = plans
    }

    /// Whether a message is the definition that follows so many.
    func isNext(_ message: ArraySlice<UInt8>, after taken: Int) -> Bool {
        taken < messages.count && messages[taken].count == message.count && messages[taken].elementsEqual(message)
    }

    func types(after taken: Int) -> WireTypeTable { tables[taken] }

    /// How values with this type id are read, if so many definitions have come.
    func plan(_ index: Int, id: Int64, after taken: Int) -> GobRowDecoder.RowPlan? {
        plans.first { $0.index == index && $0.plan.id == id && $0.needed <= taken }?.plan
    }
}
