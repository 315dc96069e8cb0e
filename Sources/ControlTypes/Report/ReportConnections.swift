public import Wire

extension Report {
    /// A connection or an attempt.
    public struct Connection: Codable, Hashable, Sendable {
        public var address: String
        public var outbound: Bool
        public var state: ConnectionStatus.State
        /// In words: the peer and its overlay, or why there is none.
        public var info: String
        /// nil for attempts.
        public var attributes: Attributes?

        public init(
            address: String, outbound: Bool, state: ConnectionStatus.State, info: String, attributes: Attributes?
        ) {
            self.address = address
            self.outbound = outbound
            self.state = state
            self.info = info
            self.attributes = attributes
        }

        private enum CodingKeys: String, CodingKey {
            case address = "Address"
            case outbound = "Outbound"
            case state = "State"
            case info = "Info"
            case attributes = "Attrs"
        }
    }

    /// Facts of a live connection; a member that does not apply is left out.
    public struct Attributes: Codable, Hashable, Sendable {
        public var encrypted: Bool
        public var mtu: Int?
        /// The overlay; nil while undecided.
        public var name: String?

        public init(encrypted: Bool, mtu: Int?, name: String?) {
            self.encrypted = encrypted
            self.mtu = mtu
            self.name = name
        }

        private enum CodingKeys: String, CodingKey {
            case encrypted, mtu, name
        }

        public init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            encrypted = try members.decodeIfPresent(Bool.self, forKey: .encrypted) ?? false
            mtu = try members.decodeIfPresent(Int.self, forKey: .mtu)
            name = try members.decodeIfPresent(String.self, forKey: .name)
        }

        public func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            if encrypted { try members.encode(true, forKey: .encrypted) }
            if let mtu { try members.encode(mtu, forKey: .mtu) }
            if let name { try members.encode(name, forKey: .name) }
        }
    }

    /// An object with one member for each overlay; those of sleeve are always `null`.
    public struct OverlayDiagnostics: Codable, Hashable, Sendable {
        public var overlays: [String]

        public init(_ overlays: [String]) {
            self.overlays = overlays
        }

        private struct OverlayName: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        public init(from decoder: any Decoder) throws {
            overlays = try decoder.container(keyedBy: OverlayName.self).allKeys.map(\.stringValue)
        }

        public func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: OverlayName.self)
            for overlay in overlays { try members.encodeNil(forKey: OverlayName(stringValue: overlay)) }
        }
    }

    /// Counters of the capture, under the names of libpcap's.
    public struct CaptureStats: Codable, Hashable, Sendable {
        public var packetsDropped: UInt64
        public var packetsIfDropped: UInt64
        public var packetsReceived: UInt64

        public init(packetsDropped: UInt64, packetsIfDropped: UInt64, packetsReceived: UInt64) {
            self.packetsDropped = packetsDropped
            self.packetsIfDropped = packetsIfDropped
            self.packetsReceived = packetsReceived
        }

        private enum CodingKeys: String, CodingKey {
            case packetsDropped = "PacketsDropped"
            case packetsIfDropped = "PacketsIfDropped"
            case packetsReceived = "PacketsReceived"
        }
    }

    /// A hardware address and the peer that frames from it came through.
    public struct LearnedAddress: Codable, Hashable, Sendable {
        public var address: MACAddress
        public var name: PeerName
        public var nickName: String
        public var lastSeen: WallClockInstant

        public init(address: MACAddress, name: PeerName, nickName: String, lastSeen: WallClockInstant) {
            self.address = address
            self.name = name
            self.nickName = nickName
            self.lastSeen = lastSeen
        }

        private enum CodingKeys: String, CodingKey {
            case address = "Mac"
            case name = "Name"
            case nickName = "NickName"
            case lastSeen = "LastSeen"
        }
    }
}
