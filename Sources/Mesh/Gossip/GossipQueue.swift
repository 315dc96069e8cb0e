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

    package init() {}

    package var isEmpty: Bool { order.isEmpty }

    /// Adds news to their slot; returns how many foreign payloads were dropped for it.
    package mutating func add(_ news: GossipNews, channel: String, source: PeerName?) -> Int {
        var slots = channels[channel] ?? Slots()
        if slots.isEmpty { order.append(channel) }
        var dropped = 0
        if let source {
            if var waiting = slots.broadcasts[source] {
                dropped = waiting.join(news)
                slots.broadcasts[source] = waiting
            } else {
                slots.sources.append(source)
                slots.broadcasts[source] = news
            }
        } else if var waiting = slots.neighbour {
            dropped = waiting.join(news)
            slots.neighbour = waiting
        } else {
            slots.neighbour = news
        }
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
        if slots.isEmpty {
            channels[channel] = nil
            order.removeFirst()
        } else {
            channels[channel] = slots
        }
        return parcel
    }
}
