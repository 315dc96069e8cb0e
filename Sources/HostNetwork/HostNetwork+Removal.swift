internal import Glibc
internal import NetlinkMessages

extension HostNetwork {
    /// Removes what weft made, which its alias tells, and nothing else: containers' pairs, tap, bridge, in this order.
    /// A bridge that was adopted stays; ports that others added to ours are released, not removed.
    ///
    /// - Returns: what was removed, such as "bridge weave".
    public func removeEverything() throws(HostNetworkError) -> [String] {
        try onHost { (space) throws(HostNetworkError) in
            let made = try space.links().filter { $0.alias == HostNetworkNames.mark && isOursOrBridge($0) }
            let pairs = made.filter { $0.name != names.tap && $0.name != names.bridge }
            let order = pairs + made.filter { $0.name == names.tap } + made.filter { $0.name == names.bridge }
            var removed: [String] = []
            for link in order {
                if try space.change(.deleteLink(link.index), "interface \(link.name)", unless: ENODEV) {
                    removed.append("\(word(for: link)) \(link.name)")
                }
            }
            return removed
        }
    }

    private func isOursOrBridge(_ link: Link) -> Bool {
        isOurs(link) || link.name == names.bridge
    }

    private func word(for link: Link) -> String {
        switch link.kind {
        case "bridge": "bridge"
        case "veth": "veth pair"
        case "tun": "tap"
        default: "interface"
        }
    }
}
