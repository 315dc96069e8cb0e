import Mesh
import Wire

extension FuzzTarget {
    /// A topology payload, and its merge into a table that knows some peers already.
    ///
    /// | byte | |
    /// |---|---|
    /// | 0 | how many payloads follow: each with its length in front, the last takes the rest |
    /// | 1… | the payloads |
    static let topology = FuzzTarget("topology", maximumBytes: 8_192) { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let payloads = 1 + input.choice(3)
        let own = FuzzInput.peer(1)
        var table = PeerTable(own: PeerRecord(name: own, nickname: "one", uid: 5, version: 3, shortID: nil))
        for number in 1...payloads {
            let payload = number == payloads ? input.takeAll() : input.bytes()
            let records: [PeerRecord]
            let unbuilt = Result { () throws(GossipFault) in try TopologyCodec.decode(payload) { _ in false } }
            do throws(GossipFault) {
                records = try TopologyCodec.decode(payload)
            } catch {
                try promise(unbuilt == .failure(error), "a payload is refused the same, news or not")
                try promise("\(error)".utf8.count < 1_024, "an error is a sentence, not a copy of the input")
                continue
            }
            let names = unbuilt.map { $0.map(\.name) }
            try promise(names == .success(records.map(\.name)), "a payload has the same peers, news or not")
            try comesBack(records)
            let before = table
            let outcome = table.merge(records)
            try check(table, after: outcome, before)
            try promise(table.merge(records).accepted.isEmpty, "nothing is news twice")
        }
        let removed = table.collectGarbage(keeping: [FuzzInput.peer(2)])
        try promise(!removed.contains(own) && table[own] != nil, "we are never garbage")
        try promise(table.collectGarbage(keeping: [FuzzInput.peer(2)]).isEmpty, "garbage is collected in one go")
        try comesBack(Array(table.records.values))
    }

    private static func comesBack(_ records: [PeerRecord]) throws(BrokenPromise) {
        let again = Result { () throws(GossipFault) in try TopologyCodec.decode(TopologyCodec.encode(records)) }
        try promise(again == .success(records), "records come back from their own bytes")
    }

    private static func check(
        _ table: PeerTable, after outcome: MergeOutcome, _ before: PeerTable
    ) throws(BrokenPromise) {
        let own = table.own
        try promise(own.uid == before.own.uid && own.nickname == before.own.nickname, "our record is ours")
        try promise(own.connections == before.own.connections, "our connections are ours")
        try promise(own.version >= before.own.version, "our version never falls")
        for name in outcome.accepted { try promise(table[name] != nil, "what was accepted is there") }
        for record in table.records.values {
            try promise(record.name.isUsable, "no record of a name that no peer has")
            try promise(record.nickname.utf8.count <= 256, "nicknames are bounded")
            try promise(record.connections.count <= 4_096, "connection lists are bounded")
            try promise(
                record.connections.allSatisfy { $0.address.utf8.count <= 64 && $0.remote.isUsable },
                "connections are bounded, and lead to peers")
        }
        // Another weft takes our record, whatever we were told of ourselves, now and after our next change.
        var other = PeerTable(
            own: PeerRecord(name: FuzzInput.peer(0xfe), nickname: "", uid: 9, version: 0, shortID: nil))
        try promise(other.merge([own]).accepted == [own.name], "our record is taken by others")
    }
}
