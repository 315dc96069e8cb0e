import Wire

/// News of records that wait a moment, so that many go in one message, and who needs not be told.
struct Announcements: Sendable {
    /// Whom each changed record came from; nil: from ourselves, or from one who does not announce.
    private var sources: [PeerName: PeerName?] = [:]

    var isEmpty: Bool { sources.isEmpty }

    mutating func add(_ name: PeerName, from source: PeerName?) {
        sources[name] = .some(source)
    }

    /// What there is to tell now, with what decides who has heard it.
    func round(in table: PeerTable) -> Round {
        let news = sources.map { name, source in
            Round.News(name: name, source: source, whoHeardIt: source.flatMap { table[$0]?.connections } ?? [])
        }
        return Round(news: news.sorted { $0.name < $1.name })
    }

    /// One telling of all neighbours.
    struct Round {
        struct News {
            let name: PeerName
            let source: PeerName?
            /// A neighbour that the source is connected to has heard it from there. Ascending by remote.
            let whoHeardIt: [ConnectionRecord]
        }

        /// Ascending by name.
        fileprivate let news: [News]

        /// What one neighbour is to be told, ascending.
        func names(for neighbour: PeerName) -> [PeerName] {
            var names: [PeerName] = []
            for piece in news {
                guard piece.name != neighbour, piece.source != neighbour else { continue }
                let index = lowerBound(piece.whoHeardIt) { $0.remote < neighbour }
                if index < piece.whoHeardIt.count, piece.whoHeardIt[index].remote == neighbour { continue }
                names.append(piece.name)
            }
            return names
        }
    }
}
