internal import Glibc
internal import Netlink
internal import NetlinkMessages

extension HostNetwork {
    /// Firewall chains that see the bridge's frames and drop by default, in the namespace of the calling thread.
    ///
    /// Chains of the bridge family always see them. IPv4 chains do when the module br_netfilter is loaded and
    /// net.bridge.bridge-nf-call-iptables is 1. Rules may still allow our frames, hence "may". Tables of the old iptables
    /// are not visible through nf_tables.
    func bridgedFrameFirewall() -> [HostWarning] {
        let switchPath = "/proc/sys/net/bridge/bridge-nf-call-iptables"
        // try?: without the module there is no such file, and IPv4 chains don't see bridged frames.
        let seesBridged = (try? SystemCalls.read(switchPath))?.first == "1"
        var warnings: [HostWarning] = []
        do {
            let socket = try NetlinkSocket(.netfilter)
            let chains = try socket.list(.chains()) { (message) throws(NetlinkMessageError) in try BaseChain(message) }
            for chain in chains where chain.hook == BaseChain.forwardHook && chain.dropsByDefault {
                switch chain.family {
                case .bridge: warnings.append(dropWarning(chain, "bridge", ""))
                case .ipv4 where seesBridged: warnings.append(dropWarning(chain, "ip", Self.switchAdvice))
                case .inet where seesBridged: warnings.append(dropWarning(chain, "inet", Self.switchAdvice))
                default: continue
                }
            }
        } catch {
            // A kernel without nf_tables has no chains of it.
            if error.errno != EOPNOTSUPP, error.errno != EPROTONOSUPPORT, error.errno != EINVAL {
                warnings.append(unknownWarning("nf_tables", error.description))
            }
        }
        // try?: no file, no old tables.
        let oldTables = (try? SystemCalls.read("/proc/thread-self/net/ip_tables_names")) ?? ""
        if seesBridged, oldTables.split(separator: "\n").contains("filter") {
            warnings.append(
                unknownWarning("iptables-legacy filter FORWARD", "its policy can only be read by iptables-legacy"))
        }
        return warnings
    }

    private static let switchAdvice =
        ", or keep bridged frames from it with `sysctl net.bridge.bridge-nf-call-iptables=0`"

    private func dropWarning(_ chain: BaseChain, _ family: String, _ advice: String) -> HostWarning {
        let allow =
            chain.family == .ipv4
            ? "`iptables -I \(chain.name) -i \(names.bridge) -o \(names.bridge) -j ACCEPT`"
            : "a rule in it that accepts traffic of \(names.bridge)"
        return HostWarning(
            kind: .firewallDrops, object: "\(family) \(chain.table) \(chain.name)",
            message: "firewall chain \(family) \(chain.table) \(chain.name) drops what no rule allows, and sees frames "
                + "between containers: they may be dropped",
            nextStep: "allow them with \(allow)\(advice)")
    }

    private func unknownWarning(_ object: String, _ cause: String) -> HostWarning {
        HostWarning(
            kind: .firewallUnknown, object: object,
            message: "it could not be found out whether \(object) drops frames between containers: \(cause)",
            nextStep: "if containers of this host cannot talk, look at its FORWARD chain")
    }
}
