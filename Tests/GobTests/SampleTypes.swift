import Gob

/// The types of the recorded samples as their senders define them, names included, so that re-encoding gives the
/// same bytes.
enum SampleTypes {
    typealias Field = GobStructureType.Field

    static let stringMap = GobType.map(key: .string, value: .string)

    static let peerSummary = GobType.structure(
        GobStructureType(
            "peerSummary",
            [
                Field("NameByte", .bytes), Field("NickName", .string), Field("UID", .uint), Field("Version", .uint),
                Field("ShortID", .uint), Field("HasShortID", .bool),
            ]))
    static let connections = GobType.slice(
        of: .structure(
            GobStructureType(
                "connectionSummary",
                [
                    Field("NameByte", .bytes), Field("RemoteTCPAddr", .string), Field("Outbound", .bool),
                    Field("Established", .bool),
                ])))
    static let oldSummary = GobType.structure(
        GobStructureType(
            "peerSummaryOld",
            [
                Field("NameByte", .bytes), Field("NickName", .string), Field("UID", .uint), Field("Version", .uint),
            ]))

    static let gossipData = GobType.structure(
        GobStructureType(
            "GossipData",
            [
                Field("Timestamp", .int),
                Field(
                    "Entries",
                    .slice(
                        name: "Entries",
                        of: .structure(
                            GobStructureType(
                                "Entry",
                                [
                                    Field("ContainerID", .string), Field("Origin", .uint), Field("Addr", .uint),
                                    Field("Hostname", .string), Field("Version", .int), Field("Tombstone", .int),
                                ])))),
            ]))

    static let range = GobType.structure(
        GobStructureType("Range", [Field("Start", .uint), Field("End", .uint)]))

    static let nodeID = GobType.structure(GobStructureType("", [Field("Name", .uint), Field("UID", .uint)]))
    static let proposalID = GobType.structure(
        GobStructureType("ProposalID", [Field("Round", .uint), Field("Proposer", nodeID)]))
    static let acceptedValue = GobType.structure(
        GobStructureType(
            "AcceptedValue", [Field("Value", .slice(name: "Value", of: .uint)), Field("Origin", proposalID)]))
    static let nodeClaims = GobType.structure(
        GobStructureType(
            "",
            [Field("Promise", proposalID), Field("Accepted", proposalID), Field("AcceptedVal", acceptedValue)]))
    static let ring = GobType.structure(
        GobStructureType(
            "Ring",
            [
                Field("Start", .uint), Field("End", .uint), Field("Peer", .uint),
                Field(
                    "Entries",
                    .slice(
                        name: "entries",
                        of: .structure(
                            GobStructureType(
                                "",
                                [
                                    Field("Token", .uint), Field("Peer", .uint), Field("Version", .uint),
                                    Field("Free", .uint),
                                ])))),
                Field("Seeds", .slice(name: "[]mesh.PeerName", of: .uint)),
            ]))
    static let gossipState = GobType.structure(
        GobStructureType(
            "gossipState",
            [
                Field("Now", .int),
                Field("Nicknames", .map(name: "map[mesh.PeerName]string", key: .uint, value: .string)),
                Field("Paxos", .map(name: "GossipState", key: nodeID, value: nodeClaims)),
                Field("Ring", ring),
            ]))
}
