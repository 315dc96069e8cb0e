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

    /// The records in their order.
    package static func encode(_ records: [PeerRecord]) -> [UInt8] {
        guard case .structure(let summaryType) = summary, case .slice(_, .structure(let connectionType)) = connections
        else { return [] }
        var encoder = GobStreamEncoder(firstTypeID: 66)
        var bytes: [UInt8] = []
        for record in records {
            let fields: [GobValue?] = [
                .bytes(record.name.bytes), .text(record.nickname), .uint(record.uid), .uint(record.version),
                .uint(UInt64(record.shortID?.rawValue ?? 0)), .bool(record.shortID != nil),
            ]
            encoder.encode(.structure(GobStructure(summaryType, fields)), as: summary, into: &bytes)
            let list = record.connections.map { connection in
                GobValue.structure(
                    GobStructure(
                        connectionType,
                        [
                            .bytes(connection.remote.bytes), .text(connection.address), .bool(connection.isOutbound),
                            .bool(connection.isEstablished),
                        ]))
            }
            encoder.encode(.list(list), as: connections, into: &bytes)
        }
        return bytes
    }

    /// All records of a payload, in their order. A summary whose list is missing at the end is left out; a name that
    /// has not six bytes becomes `PeerName.unknown`, which nothing accepts.
    package static func decode(_ payload: [UInt8]) throws(GossipFault) -> [PeerRecord] {
        var decoder = GobDecoder(payload)
        var records: [PeerRecord] = []
        do throws(GobError) {
            while let fields = try decoder.next(summary)?.structure, let list = try decoder.next(connections)?.list {
                records.append(try record(fields, connections: list.compactMap(\.structure)))
            }
        } catch {
            throw GossipFault("topology: \(error)")
        }
        return records
    }

    private static func record(_ fields: GobStructure, connections: [GobStructure]) throws(GobError) -> PeerRecord {
        let number: UInt16 = try fields.uint("ShortID")
        return PeerRecord(
            name: name(fields.bytes("NameByte")), nickname: fields.text("NickName"), uid: try fields.uint("UID"),
            version: try fields.uint("Version"), shortID: fields.bool("HasShortID") ? ShortID(rawValue: number) : nil,
            connections: connections.map { connection in
                ConnectionRecord(
                    remote: name(connection.bytes("NameByte")), address: connection.text("RemoteTCPAddr"),
                    isOutbound: connection.bool("Outbound"), isEstablished: connection.bool("Established"))
            })
    }

    private static func name(_ bytes: [UInt8]) -> PeerName {
        guard bytes.count == 6 else { return .unknown }
        return PeerName(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) }) ?? .unknown
    }
}
