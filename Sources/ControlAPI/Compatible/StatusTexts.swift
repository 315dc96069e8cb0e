import ControlTypes

/// The reference router's status texts, drawn from the report's tree; samples in `Tests/Fixtures/services/status`.
extension Report {
    /// `GET /status`: labels end in column 15; services that are off are left out.
    var summary: String {
        let counts = connectionCounts
        let links = router.peers.flatMap { $0.connections ?? [] }
        let established = links.count { $0.established }
        let protocols =
            router.protocolMinVersion == router.protocolMaxVersion
            ? "\(router.protocolMaxVersion)" : "\(router.protocolMinVersion)..\(router.protocolMaxVersion)"
        let sections: [[(String, String)]] = [
            [("Version", "\(version) (\(versionCheckText))")],
            [
                ("Service", "router"),
                ("Protocol", "\(router.protocol) \(protocols)"),
                ("Name", "\(router.name)(\(router.nickName))"),
                ("Encryption", router.encryption ? "enabled" : "disabled"),
                ("PeerDiscovery", router.peerDiscovery ? "enabled" : "disabled"),
                ("Targets", String(router.targets?.count ?? 0)),
                ("Connections", counted(router.connections?.count ?? 0, counts)),
                ("Peers", peersText(established: established, pending: links.count - established)),
                (
                    "TrustedSubnets",
                    router.trustedSubnets.isEmpty ? "none" : router.trustedSubnets.joined(separator: ", ")
                ),
            ],
        ]
        return sections.map { lines in
            lines.map { String(repeating: " ", count: max(0, 15 - $0.0.count)) + "\($0.0): \($0.1)\n" }.joined()
        }.joined(separator: "\n")
    }

    /// `GET /status/connections`
    var connectionLines: String {
        (router.connections ?? []).map { connection in
            var attributes = ""
            if let known = connection.attributes {
                if known.encrypted { attributes += "encrypted=true" }
                if let mtu = known.mtu { attributes += "mtu=\(mtu)" }
            }
            let direction = connection.outbound ? "->" : "<-"
            let address = padded(connection.address, to: 21)
            return
                "\(direction) \(address) \(padded(connection.state.rawValue, to: 11)) \(connection.info) \(attributes)\n"
        }.joined()
    }

    /// `GET /status/peers`
    var peerLines: String {
        router.peers.map { peer in
            let links = (peer.connections ?? []).map { link in
                let name = padded("\(link.name)(\(link.nickName))", to: 37)
                let state = link.established ? "established" : "pending"
                return "   \(link.outbound ? "->" : "<-") \(padded(link.address, to: 21)) \(name) \(state)\n"
            }
            return "\(peer.name)(\(peer.nickName))\n" + links.joined()
        }.joined()
    }

    /// `GET /status/targets`
    var targetLines: String {
        (router.targets ?? []).map { $0 + "\n" }.joined()
    }

    private var versionCheckText: String {
        guard versionCheck.enabled else { return "version check update disabled" }
        return versionCheck.success ? "up to date" : "failed to check latest version - see logs"
    }

    /// In the reference's order; zeros are left out.
    private var connectionCounts: [(String, Int)] {
        let states: [ConnectionStatus.State] = [.established, .pending, .retrying, .failed, .connecting]
        return states.map { state in (state.rawValue, (router.connections ?? []).count { $0.state == state }) }
    }

    private func counted(_ total: Int, _ parts: [(String, Int)]) -> String {
        let texts = parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return texts.isEmpty ? "\(total)" : "\(total) (\(texts.joined(separator: ", ")))"
    }

    private func peersText(established: Int, pending: Int) -> String {
        let texts = [(established, "established"), (pending, "pending")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let total = router.peers.count
        return texts.isEmpty ? "\(total)" : "\(total) (with \(texts.joined(separator: ", ")) connections)"
    }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
