/// Which path a frame takes by the table of sleeve's "sending a data frame", naively.
struct ModelPath {
    var mtu: Int
    var carriesFragments: Bool
    var isFlood: Bool

    /// What leaves this host, with and without DF in the underlay, and what goes back to the container.
    struct Outcome: Equatable {
        var unfragmented: [[UInt8]] = []
        var plain: [[UInt8]] = []
        var replies: [[UInt8]] = []
    }

    func send(_ frames: [ModelFrame]) -> Outcome {
        var outcome = Outcome()
        for frame in frames {
            for segment in frame.segments(room: mtu + 14) {
                let replies = outcome.replies.count
                send(ModelFrame(bytes: segment), &outcome)
                // A super-frame gets one answer for all of its segments.
                if outcome.replies.count > replies { break }
            }
        }
        return outcome
    }

    private func send(_ frame: ModelFrame, _ outcome: inout Outcome) {
        let fits = frame.bytes.count <= mtu + 14
        if frame.isPlainIPv4 {
            if frame.dontFragment {
                if fits {
                    outcome.unfragmented.append(frame.bytes)
                } else if !isFlood {
                    outcome.replies.append(reply(to: frame))
                }
            } else if carriesFragments {
                outcome.plain.append(frame.bytes)
            } else if fits {
                outcome.unfragmented.append(frame.bytes)
            } else {
                outcome.unfragmented += fragments(of: frame)
            }
        } else if !fits, !carriesFragments, !isFlood, frame.isIPv6, mtu >= 1_280 {
            if frame.network.at == 14 { outcome.replies.append(reply(to: frame)) }
        } else {
            outcome.plain.append(frame.bytes)
        }
    }

    /// Which of the two lists a frame belongs into: both keep their order, but they may pass each other.
    func isUnfragmented(_ bytes: [UInt8]) -> Bool {
        let frame = ModelFrame(bytes: bytes)
        return frame.isPlainIPv4 && (frame.dontFragment || !carriesFragments)
    }

    private func fragments(of frame: ModelFrame) -> [[UInt8]] {
        let header = frame.transportAt
        let payload = Array(frame.bytes[header..<(14 + frame.word(16))])
        let size = (mtu - (header - 14)) / 8 * 8
        return stride(from: 0, to: payload.count, by: size).map { start in
            let end = min(start + size, payload.count)
            var piece = ModelFrame(bytes: Array(frame.bytes[..<header]) + payload[start..<end])
            piece.setWord(16, piece.bytes.count - 14)
            let original = frame.word(20)
            let offset = (original & 0x1fff) + start / 8
            piece.setWord(20, original & 0xe000 | (end < payload.count ? 0x2000 : 0) | offset)
            piece.finishNetwork()
            while piece.bytes.count < 60 { piece.bytes.append(0) }
            return piece.bytes
        }
    }

    private func reply(to frame: ModelFrame) -> [UInt8] {
        let ethernet = Array(frame.bytes[6..<12] + frame.bytes[0..<6] + frame.bytes[12..<14])
        if frame.isPlainIPv4 {
            let quoted = Array(frame.bytes[14..<min(frame.transportAt + 8, 14 + frame.word(16))])
            var icmp: [UInt8] = [3, 4, 0, 0, 0, 0, UInt8(mtu >> 8), UInt8(mtu & 255)] + quoted
            let sum = 0xffff - ModelFrame.sum(icmp)
            icmp[2] = UInt8(sum >> 8)
            icmp[3] = UInt8(sum & 255)
            let total = 20 + icmp.count
            let head: [UInt8] =
                [0x45, frame.bytes[15], UInt8(total >> 8), UInt8(total & 255), 0, 0, 0, 0, 64, 1, 0, 0]
                + frame.bytes[30..<34] + frame.bytes[26..<30]
            var reply = ModelFrame(bytes: ethernet + head + icmp)
            reply.finishNetwork()
            return reply.bytes
        }
        let quoted = Array(frame.bytes[14...].prefix(1_232))
        let icmp: [UInt8] = [2, 0, 0, 0, 0, 0, UInt8(mtu >> 8), UInt8(mtu & 255)] + quoted
        let head: [UInt8] =
            [0x60, 0, 0, 0, UInt8(icmp.count >> 8), UInt8(icmp.count & 255), 58, 64]
            + frame.bytes[38..<54] + frame.bytes[22..<38]
        var reply = ModelFrame(bytes: ethernet + head + icmp)
        let sum = 0xffff - ModelFrame.sum(icmp, from: reply.pseudoHeader(transportBytes: icmp.count))
        reply.setWord(14 + 40 + 2, sum)
        return reply.bytes
    }
}

extension [UInt8] {
    /// With DF an IPv4 datagram of UDP needs no number, and joining counts those that have none: both forms are the
    /// same packet (RFC 6864).
    var withoutMeaninglessNumber: [UInt8] {
        var frame = ModelFrame(bytes: self)
        guard frame.isPlainIPv4, frame.dontFragment, frame.transport == 17 else { return self }
        frame.setWord(18, 0)
        frame.finishNetwork()
        return frame.bytes
    }
}
