public import Wire

extension Report {
    /// A peer of the topology.
    public struct Peer: Codable, Hashable, Sendable {
        public var name: PeerName
        public var nickName: String
        /// Exceeds 2^53.
        public var uid: UInt64
        public var shortID: Int
        public var version: UInt64
        /// nil for none.
        public var connections: [Link]?

        public init(
            name: PeerName, nickName: String, uid: UInt64, shortID: Int, version: UInt64, connections: [Link]?
        ) {
            self.name = name
            self.nickName = nickName
            self.uid = uid
            self.shortID = shortID
            self.version = version
            self.connections = connections
        }

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case nickName = "NickName"
            case uid = "UID"
            case shortID = "ShortID"
            case version = "Version"
            case connections = "Connections"
        }
    }

    /// A connection as the peer at one end announces it.
    public struct Link: Codable, Hashable, Sendable {
        public var name: PeerName
        public var nickName: String
        public var address: String
        public var outbound: Bool
        public var established: Bool

        public init(name: PeerName, nickName: String, address: String, outbound: Bool, established: Bool) {
            self.name = name
            self.nickName = nickName
            self.address = address
            self.outbound = outbound
            self.established = established
        }

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case nickName = "NickName"
            case address = "Address"
            case outbound = "Outbound"
            case established = "Established"
        }
    }

    /// The neighbour through which frames for a peer go.
    public struct UnicastRoute: Codable, Hashable, Sendable {
        public var destination: PeerName
        /// ``PeerName/unknown`` for ourselves.
        public var via: PeerName

        public init(destination: PeerName, via: PeerName) {
            self.destination = destination
            self.via = via
        }

        private enum CodingKeys: String, CodingKey {
            case destination = "Dest"
            case via = "Via"
        }
    }

    /// The neighbours that we pass a peer's broadcasts on to.
    public struct BroadcastRoute: Codable, Hashable, Sendable {
        public var source: PeerName
        /// nil for none.
        public var via: [PeerName]?

        public init(source: PeerName, via: [PeerName]?) {
            self.source = source
            self.via = via
        }

        private enum CodingKeys: String, CodingKey {
            case source = "Source"
            case via = "Via"
        }
    }
}
