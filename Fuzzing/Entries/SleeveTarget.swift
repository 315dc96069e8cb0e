import Sleeve
import Wire

extension FuzzTarget {
    /// Sleeve's datagrams: sender, seal, records, special frames; and the control messages that go by TCP.
    ///
    /// Byte 0: 0 a clear datagram, 1 a sealed one, 2 a control message (its tag next), 3 a special frame. Then the bytes.
    static let sleeve = FuzzTarget("sleeve") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        switch input.choice(4) {
        case 0: try datagram(input.takeAll())
        case 1: try sealed(input.takeAll())
        case 2: try control(input.byte(), input.takeAll())
        default: try special(input.takeAll())
        }
    }

    private static let source = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0002)), .mesh)

    private static func datagram(_ bytes: [UInt8]) throws(BrokenPromise) {
        let parsed = Result { () throws(WireError) in try SleeveDatagram(parsing: bytes.span) }
        guard case .success(let datagram) = parsed else {
            return try promise(bytes.count < 6, "only a datagram without a whole name is refused")
        }
        try promise(datagram.encoded == bytes, "a datagram comes back as it came")
        let body = SleeveBody(parsing: datagram.body.span)
        let read = body.encoded
        try promise(datagram.body.starts(with: read), "records come back as they came")
        try promise(body.fault != nil || read.count == datagram.body.count, "without a fault everything was read")
        for record in body.records { try special(record.frame) }
    }

    private static func sealed(_ bytes: [UInt8]) throws(BrokenPromise) {
        let parsed = Result { () throws(WireError) in try SealedBody(parsing: bytes.span) }
        guard case .success(let body) = parsed else {
            return try promise(bytes.count < 24, "only a body without a whole header is refused")
        }
        try promise(body.encoded == bytes, "a sealed body comes back as it came")
        let sequence = SealedSequence(number: body.sequence.number, dontFragment: body.sequence.dontFragment)
        try promise(sequence == body.sequence, "a sequence is its number and its kind")
    }

    private static func control(_ tag: UInt8, _ payload: [UInt8]) throws(BrokenPromise) {
        guard let control = SleeveControl(tag: tag, payload: payload) else { return }
        try promise(control.tag == tag, "a control message keeps its tag")
        try promise(payload.starts(with: control.payload), "a control message comes back as it came")
    }

    private static func special(_ frame: [UInt8]) throws(BrokenPromise) {
        let event = SleeveEvent(specialFrame: frame.span, from: source)
        let isSpecial = frame.count >= 14 && frame.prefix(14).allSatisfy { $0 == 0 }
        try promise((event != nil) == isSpecial, "a special frame is one whose Ethernet header is zero")
    }
}
