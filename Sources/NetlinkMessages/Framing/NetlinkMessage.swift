/// One message of a datagram: its header, and where its body lies.
public struct NetlinkMessage: Hashable, Sendable {
    public let header: NetlinkHeader
    /// The whole datagram; messages of one datagram share it.
    let datagram: [UInt8]
    /// The body within the datagram: what follows the header, without padding.
    let body: Range<Int>

    /// Cuts a datagram into messages. Each message's length is checked against what is left; after the last one at most
    /// three bytes of padding may be missing.
    public static func messages(in datagram: [UInt8]) throws(NetlinkMessageError) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var offset = 0
        while offset < datagram.count {
            let header = try NetlinkHeader(datagram, at: offset)
            let left = datagram.count - offset
            guard let length = Int(exactly: header.lengthBytes), length >= NetlinkHeader.length, length <= left,
                let step = alignedToFour(length)
            else { throw .messageLength(declared: header.lengthBytes, left: left) }
            messages.append(
                NetlinkMessage(
                    header: header, datagram: datagram, body: (offset + NetlinkHeader.length)..<(offset + length)))
            // At least 16, so the loop moves on; beyond the end when the padding of the last message is missing.
            offset += step
        }
        return messages
    }

    /// The body's bytes, copied.
    public var bodyBytes: [UInt8] { Array(datagram[body]) }

    /// Checks that the fixed part of the body is there and returns where it begins.
    func fixedPart(_ length: Int, named name: String) throws(NetlinkMessageError) -> Int {
        guard body.count >= length else { throw .bodyTruncated(message: name, needed: length, left: body.count) }
        return body.lowerBound
    }

    /// The attributes behind a fixed part of `length` bytes (a multiple of four).
    func attributes(behind length: Int, _ policy: AttributePolicy) throws(NetlinkMessageError) -> Attributes {
        let start = try fixedPart(length, named: policy.name) + length
        return try Attributes(in: datagram, range: start..<body.upperBound, policy: policy)
    }
}
