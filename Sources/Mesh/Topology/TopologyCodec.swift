import Wire
enum TopologyCodec {
    static func encode(_ records: [PeerRecord]) -> [UInt8] { [] }
    static func decode(_ payload: [UInt8]) throws(GossipFault) -> [PeerRecord] { [] }
}
