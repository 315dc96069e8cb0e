package import Wire

/// Channels that peers use and we don't understand: carried, never decoded, bounded in number and size.
package struct SurrogateChannels: Sendable {
    /// Names that we carry at most, besides Weave Net's own two.
    package static let maximumChannels = 16
    /// Bytes of a channel's name.
    package static let maximumNameBytes = 64
    /// Payloads that are remembered per channel, to be recognised when another neighbour brings them.
    package static let remembered = 64
    /// Bytes of payloads remembered per channel.
    package static let rememberedBytes = 1 << 20

    /// Weave Net's own: there is always room for these.
    private static let reserved: Set<String> = ["IPallocation", "nameserver"]
    /// Chosen: a channel that nobody has used for so long gives up its place.
    private static let idle = MeshTimes.gossipInterval * 4

    private struct Seen: Sendable {
        let payload: [UInt8]
        let at: MonotonicInstant
    }
    private struct Channel: Sendable {
        var seen: [Seen] = []
        var usedAt: MonotonicInstant
    }

    private var channels: [String: Channel] = [:]
    /// Messages of channels beyond the limit.
    package private(set) var refused: UInt64 = 0

    package init() {}

    package var names: [String] { channels.keys.sorted() }

    /// What to pass on of a message; nil: nothing. Neighbour gossip that is byte for byte what came within the gossip
    /// interval is not passed on again; broadcasts always are, their tree sees to their end.
    package mutating func receive(_ payload: [UInt8], as kind: GossipKind, channel: String, at now: MonotonicInstant)
        -> GossipNews?
    {
        if channels[channel] == nil, !makeRoom(for: channel, at: now) {
            refused &+= 1
            return nil
        }
        var entry = channels[channel] ?? Channel(usedAt: now)
        entry.usedAt = now
        defer { channels[channel] = entry }
        guard kind == .neighbour else { return .payloads([payload]) }
        entry.seen.removeAll { now - $0.at >= MeshTimes.gossipInterval }
        guard !entry.seen.contains(where: { $0.payload == payload }) else { return nil }
        entry.seen.append(Seen(payload: payload, at: now))
        var bytes = entry.seen.reduce(0) { $0 + $1.payload.count }
        while entry.seen.count > SurrogateChannels.remembered || bytes > SurrogateChannels.rememberedBytes {
            bytes -= entry.seen.removeFirst().payload.count
        }
        return .payloads([payload])
    }

    private mutating func makeRoom(for channel: String, at now: MonotonicInstant) -> Bool {
        guard !SurrogateChannels.reserved.contains(channel) else { return true }
        guard channel.utf8.count <= SurrogateChannels.maximumNameBytes else { return false }
        if strangers >= SurrogateChannels.maximumChannels {
            channels = channels.filter { now - $0.value.usedAt < SurrogateChannels.idle }
        }
        return strangers < SurrogateChannels.maximumChannels
    }

    /// Channels that count.
    private var strangers: Int {
        channels.keys.count { !SurrogateChannels.reserved.contains($0) }
    }
}
