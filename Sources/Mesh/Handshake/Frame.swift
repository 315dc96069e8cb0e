internal import Wire

/// Version 2's framing: four bytes of length, network order, and the content.
enum Frame {
    static func bytes(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + 4)
        bytes.appendNetwork(UInt32(truncatingIfNeeded: content.count))
        bytes.append(contentsOf: content)
        return bytes
    }
}
