package import Wire

/// What waits for one connection: per channel one slot for neighbour gossip and one per source for broadcasts. News join
/// what waits in their slot, so a slow link costs nothing but currency.
package struct GossipQueue: Sendable {
    /// One message's worth, taken out to be sent.
    package struct Parcel: Equatable {
        package let channel: String
        /// nil: neighbour gossip; else the originator of a broadcast.
        package let source: PeerName?
        package let news: GossipNews

        package init(channel: String, source: PeerName?, news: GossipNews) {
            self.channel = channel
            self.source = source
            self.news = news
        }
    }

    private struct Slots: Sendable {
        var neighbour: GossipNews?
        /// In the order of their first news.
        var sources: [PeerName] = []
        var broadcasts: [PeerName: GossipNews] = [:]

        var isEmpty: Bool { neighbour == nil && sources.isEmpty }
    }

    private var channels: [String: Slots] = [:]
    /// Channels with something waiting, in the order in which they began to wait.
    private var order: [String] = []

    /// Foreign payloads in all slots.
    private var payloadBytes = 0

    package init() {}

    package var isEmpty: Bool { order.isEmpty }

    /// Foreign payloads that wait in all slots together, at most: a peer that does not read costs no more.
    package static let payloadBytesLimit = 4 << 20
    /// Sources whose broadcasts wait in one channel, at most.
    package static let sourcesLimit = 1_024

    /// Adds news to their slot; returns how many pieces were dropped for want of room.
    package mutating func add(_ news: GossipNews, channel: String, source: PeerName?) -> Int {
        let added = news.payloadBytes
        guard added == 0 || payloadBytes + added <= GossipQueue.payloadBytesLimit else { return 1 }
        var slots = channels[channel] ?? Slots()
        var waiting = source.map { slots.broadcasts[$0] } ?? slots.neighbour
        var dropped = 0
        let before = waiting?.payloadBytes ?? 0
        if waiting != nil {
            dropped = waiting?.join(news) ?? 0
        } else {
            guard slots.sources.count < GossipQueue.sourcesLimit || source == nil else { return 1 }
            if slots.isEmpty { order.append(channel) }
            if let source { slots.sources.append(source) }
            waiting = news
        }
        payloadBytes += (waiting?.payloadBytes ?? 0) - before
        if let source { slots.broadcasts[source] = waiting } else { slots.neighbour = waiting }
        channels[channel] = slots
        return dropped
    }

    /// The next parcel: of the channel that waits longest; in it neighbour gossip first, then the oldest source.
    package mutating func next() -> Parcel? {
        guard let channel = order.first, var slots = channels[channel] else { return nil }
        let parcel: Parcel
        if let news = slots.neighbour {
            slots.neighbour = nil
            parcel = Parcel(channel: channel, source: nil, news: news)
        } else {
            let source = slots.sources.removeFirst()
            parcel = Parcel(channel: channel, source: source, news: slots.broadcasts[source] ?? .payloads([]))
            slots.broadcasts[source] = nil
        }
        payloadBytes -= parcel.news.payloadBytes
        if slots.isEmpty {
            channels[channel] = nil
            order.removeFirst()
        } else {
            channels[channel] = slots
        }
        return parcel
    }
}
