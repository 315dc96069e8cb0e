internal import Glibc

/// Settings of an interface that only /proc/sys/net offers, in the namespace of the calling thread.
enum InterfaceSettings {
    /// How containers and the bridge notice quickly that an address has moved to another host: an entry is trusted for
    /// 5 s, asked about after 2 s, and by one unicast request (the settings that Weave Net uses).
    static let neighbours = [("base_reachable_time", 5), ("delay_first_probe_time", 2), ("ucast_solicit", 1)]

    /// Applies them to the IPv4 neighbour table of an interface.
    static func setNeighbourTimes(of interface: String) throws(HostNetworkError) {
        for (name, value) in neighbours {
            try write(value, "/proc/sys/net/ipv4/neigh/\(interface)/\(name)", interface)
        }
    }

    /// Ignores IPv6 router advertisements: a container must not give its host, or others, a default route.
    /// Nothing to do where the kernel has no IPv6.
    static func refuseRouterAdvertisements(on interface: String) throws(HostNetworkError) {
        do {
            try write(0, "/proc/sys/net/ipv6/conf/\(interface)/accept_ra", interface)
        } catch  where error.errno == ENOENT {}
    }

    private static func write(_ value: Int, _ path: String, _ interface: String) throws(HostNetworkError) {
        do {
            try SystemCalls.write(String(value), to: path)
        } catch {
            throw HostNetworkError(error, "interface \(interface)")
        }
    }
}
