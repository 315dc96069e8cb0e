import Gob
import Wire

/// Peers' records as a gob stream: for each peer a `peerSummary`, then a slice of `connectionSummary`. No peers: no
/// bytes. `docs/protocol-mesh.md`, "Topology payload".
package enum TopologyCodec {
    private static let summary = GobType.structure(
        GobStructureType(
            "peerSummary",
            [
                .init("NameByte", .bytes), .init("NickName", .string), .init("UID", .uint), .init("Version", .uint),
                .init("ShortID", .uint), .init("HasShortID", .bool),
            ]))
    private static let connections = GobType.slice(
        of: .structure(
            GobStructureType(
                "connectionSummary",
                [
                    .init("NameByte", .bytes), .init("RemoteTCPAddr", .string), .init("Outbound", .bool),
                    .init("Established", .bool),
                ])))

    /// Both types as every payload of ours defines them.
    private struct Definitions: Sendable {
        let summaryID: Int64
        let connectionsID: Int64
        /// In front of the first summary.
        let summary: [UInt8]
        /// In front of the first list.
        let connections: [UInt8]
        /// What peers that are like us begin with.
        let known: GobKnownDefinitions

        init() {
            var encoder = GobStreamEncoder(firstTypeID: 66)
            var bytes: [UInt8] = []
            summaryID = encoder.define(TopologyCodec.summary, into: &bytes)
            summary = bytes
            bytes = []
            connectionsID = encoder.define(TopologyCodec.connections, into: &bytes)
            connections = bytes
            known = GobKnownDefinitions(
                expecting: [TopologyCodec.summary, TopologyCodec.connections],
                values: [(summary, summaryID), (connections, connectionsID)])
        }
    }

    private static let definitions = Definitions()

    /// The records in their order.
    package static func encode(_ records: [PeerRecord]) -> [UInt8] {
        var encoder = GobRowEncoder()
        let definitions = definitions
        for (index, record) in records.enumerated() {
            if index == 0 { encoder.append(definitions: definitions.summary) }
            encoder.beginStructure(id: definitions.summaryID)
            encoder.field(0, lowest: 6, of: record.name.rawValue)
            encoder.field(1, text: record.nickname)
            encoder.field(2, uint: record.uid)
            encoder.field(3, uint: record.version)
            encoder.field(4, uint: UInt64(record.shortID?.rawValue ?? 0))
            encoder.field(5, bool: record.shortID != nil)
            encoder.endStructure()
            encoder.endMessage()
            if index == 0 { encoder.append(definitions: definitions.connections) }
            encoder.beginSlice(id: definitions.connectionsID, count: record.connections.count)
            for connection in record.connections {
                encoder.field(0, lowest: 6, of: connection.remote.rawValue)
                encoder.field(1, text: connection.address)
                encoder.field(2, bool: connection.isOutbound)
                encoder.field(3, bool: connection.isEstablished)
                encoder.endStructure()
            }
            encoder.endMessage()
        }
        return encoder.bytes
    }

    /// All records of a payload, in their order. A summary whose list is missing at the end is left out; a name that
    /// has not six bytes becomes `PeerName.unknown`, which nothing accepts. Reading ends with the first record beyond
    /// `TopologyLimits.recordsPerUpdate`: nine bytes on the wire are a hundred here, and nobody takes them.
    ///
    /// - Parameter isNews: given a record without its connections, whether these are of interest. Most of what neighbours
    ///   send is known already: its lists are read, as they must be readable, and not built.
    package static func decode(
        _ payload: [UInt8], isNews: (PeerRecord) -> Bool = { _ in true }
    ) throws(GossipFault) -> [PeerRecord] {
        var decoder = GobRowDecoder(payload, expecting: definitions.known)
        var records: [PeerRecord] = []
        var row = GobRow()
        var connectionRow = GobRow()
        do throws(GobError) {
            while records.count <= TopologyLimits.recordsPerUpdate, try decoder.next(0, into: &row) {
                var record = try peer(row, decoder)
                guard let count = try decoder.nextCount(1) else { break }
                var list: [ConnectionRecord] = []
                let isWanted = isNews(record)
                for _ in 0..<count {
                    try decoder.nextElement(into: &connectionRow)
                    if isWanted { list.append(connection(connectionRow, decoder)) }
                }
                if !list.isEmpty { record.setConnections(list) }
                records.append(record)
            }
        } catch {
            throw GossipFault("topology: \(error)")
        }
        return records
    }

    private static func peer(_ row: GobRow, _ decoder: GobRowDecoder) throws(GobError) -> PeerRecord {
        guard let number = UInt16(exactly: row.number(4)) else {
            throw GobError(.outOfRange, at: "peerSummary.ShortID")
        }
        return PeerRecord(
            name: name(decoder.bytes(0, of: row)), nickname: decoder.text(1, of: row), uid: row.number(2),
            version: row.number(3), shortID: row.bool(5) ? ShortID(rawValue: number) : nil)
    }

    private static func connection(_ row: GobRow, _ decoder: GobRowDecoder) -> ConnectionRecord {
        ConnectionRecord(
            remote: name(decoder.bytes(0, of: row)), address: decoder.text(1, of: row), isOutbound: row.bool(2),
            isEstablished: row.bool(3))
    }

    private static func name(_ bytes: ArraySlice<UInt8>) -> PeerName {
        guard bytes.count == 6 else { return .unknown }
        return PeerName(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) }) ?? .unknown
    }
}
