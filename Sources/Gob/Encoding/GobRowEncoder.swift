/// Writes flat structures field by field, alone and in slices, without building values. The bytes are those of
/// `GobStreamEncoder`, which also defines the types and gives their ids.
///
/// The caller gives the fields in ascending order of their numbers, from 0; zero and empty ones are left out.
public struct GobRowEncoder: Sendable {
    /// What has been written, in whole messages.
    public private(set) var bytes: [UInt8] = []
    private var message: [UInt8] = []
    private var previous = -1

    public init() {}

    /// Definitions, as `GobStreamEncoder.define` wrote them.
    public mutating func append(definitions: [UInt8]) {
        bytes.append(contentsOf: definitions)
    }

    /// Begins a message with one structure.
    public mutating func beginStructure(id: Int64) {
        message.removeAll(keepingCapacity: true)
        message.appendGob(signed: id)
    }

    /// Begins a message with a slice of structures.
    public mutating func beginSlice(id: Int64, count: Int) {
        message.removeAll(keepingCapacity: true)
        message.appendGob(signed: id)
        message.append(0)
        message.appendGob(unsigned: UInt64(count))
    }

    public mutating func field(_ number: Int, uint value: UInt64) {
        guard value != 0 else { return }
        begin(number)
        message.appendGob(unsigned: value)
    }

    public mutating func field(_ number: Int, bool value: Bool) {
        field(number, uint: value ? 1 : 0)
    }

    /// Bytes, or a string's UTF-8.
    public mutating func field(_ number: Int, bytes value: some Collection<UInt8>) {
        guard !value.isEmpty else { return }
        begin(number)
        message.appendGob(counted: value)
    }

    public mutating func endStructure() {
        message.append(0)
        previous = -1
    }

    public mutating func endMessage() {
        bytes.appendGob(counted: message)
    }

    private mutating func begin(_ number: Int) {
        precondition(number > previous, "fields are written in ascending order")
        message.appendGob(unsigned: UInt64(number - previous))
        previous = number
    }
}
