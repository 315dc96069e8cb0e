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

    public mutating func field(_ number: Int, bytes value: [UInt8]) {
        guard !value.isEmpty else { return }
        begin(number)
        message.appendGob(unsigned: UInt64(value.count))
        message.append(contentsOf: value)
    }

    /// As many of the lowest bytes of a number, network order.
    public mutating func field(_ number: Int, lowest count: Int, of value: UInt64) {
        begin(number)
        message.appendGob(unsigned: UInt64(count))
        for index in stride(from: count - 1, through: 0, by: -1) {
            message.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    /// A string. Byte by byte: texts of rows are short, and a collection of any type would cost more.
    public mutating func field(_ number: Int, text value: String) {
        let bytes = value.utf8
        guard !bytes.isEmpty else { return }
        begin(number)
        message.appendGob(unsigned: UInt64(bytes.count))
        for byte in bytes { message.append(byte) }
    }

    public mutating func endStructure() {
        message.append(0)
        previous = -1
    }

    public mutating func endMessage() {
        bytes.appendGob(unsigned: UInt64(message.count))
        bytes.append(contentsOf: message)
    }

    private mutating func begin(_ number: Int) {
        precondition(number > previous, "fields are written in ascending order")
        message.appendGob(unsigned: UInt64(number - previous))
        previous = number
    }
}
