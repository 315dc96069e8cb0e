import Mesh
import Wire

extension FuzzTarget {
    /// Channels that are carried without being understood, under any names and payloads.
    ///
    /// Each round: kind and pause (1 byte), channel (text), payload (bytes).
    static let surrogates = FuzzTarget("surrogates") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        var channels = SurrogateChannels()
        var now = MonotonicInstant(nanoseconds: 0)
        var lastNeighbour: (channel: String, payload: [UInt8], at: MonotonicInstant)?
        while !input.isEmpty {
            let choice = input.byte()
            if choice & 2 != 0 { now = now + .seconds(Int(choice >> 2)) }
            let channel = input.text()
            let payload = input.bytes()
            let kind: GossipKind = choice & 1 == 0 ? .neighbour : .broadcast
            let news = channels.receive(payload, as: kind, channel: channel, at: now)
            let isUntouched = news == nil || news == .payloads([payload])
            try promise(isUntouched, "foreign payloads are passed on as they are, or not at all")
            if kind == .neighbour, let last = lastNeighbour, last.channel == channel, last.payload == payload,
                now - last.at < .seconds(30)
            {
                try promise(news == nil, "the same bytes are not passed on again within 30 s")
            }
            if kind == .neighbour, news != nil { lastNeighbour = (channel, payload, now) }
            // There is room for these two whatever else is there.
            let strange = channels.names.filter { $0 != "IPallocation" && $0 != "nameserver" }
            try promise(strange.count <= SurrogateChannels.maximumChannels, "channels are bounded")
            try promise(
                channels.names.allSatisfy { $0.utf8.count <= SurrogateChannels.maximumNameBytes }, "names are bounded")
        }
    }
}
