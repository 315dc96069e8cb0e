/// What an interface leaves to the hardware, or on a veth to whoever receives. Read and written one by one by ethtool's
/// ioctl (`SIOCETHTOOL`, linux/ethtool.h).
public struct OffloadFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `ETHTOOL_GRXCSUM` 0x14, `ETHTOOL_SRXCSUM` 0x15.
    public static let receiveChecksum = OffloadFlags(rawValue: 0x01)
    /// `ETHTOOL_GTXCSUM` 0x16, `ETHTOOL_STXCSUM` 0x17. Off switches segmentation off with it.
    public static let transmitChecksum = OffloadFlags(rawValue: 0x02)
    /// `ETHTOOL_GSG` 0x18, `ETHTOOL_SSG` 0x19.
    public static let scatterGather = OffloadFlags(rawValue: 0x04)
    /// `ETHTOOL_GTSO` 0x1e, `ETHTOOL_STSO` 0x1f.
    public static let tcpSegmentation = OffloadFlags(rawValue: 0x08)
    /// `ETHTOOL_GGSO` 0x23, `ETHTOOL_SGSO` 0x24.
    public static let genericSegmentation = OffloadFlags(rawValue: 0x10)
    /// `ETHTOOL_GGRO` 0x2b, `ETHTOOL_SGRO` 0x2c.
    public static let genericReceive = OffloadFlags(rawValue: 0x20)

    /// Each flag with the command that reads it; the next number writes it. Checksums first: others depend on them.
    private static let commands: [(OffloadFlags, UInt32)] = [
        (.receiveChecksum, 0x14), (.transmitChecksum, 0x16), (.scatterGather, 0x18), (.tcpSegmentation, 0x1e),
        (.genericSegmentation, 0x23), (.genericReceive, 0x2b),
    ]

    /// What an interface of the calling thread's namespace has on.
    static func read(_ interface: String) throws(HostNetworkError) -> OffloadFlags {
        var flags: OffloadFlags = []
        for (flag, command) in commands {
            do {
                if try SystemCalls.ethtoolValue(command, of: interface) != 0 { flags.insert(flag) }
            } catch {
                throw HostNetworkError(error, "interface \(interface)")
            }
        }
        return flags
    }

    /// Switches `flags` on or off and leaves the others, as far as they do not depend on these.
    static func write(_ flags: OffloadFlags, on: Bool, _ interface: String) throws(HostNetworkError) {
        for (flag, command) in commands where flags.contains(flag) {
            do {
                try SystemCalls.setEthtoolValue(command + 1, on ? 1 : 0, of: interface)
            } catch {
                throw HostNetworkError(error, "interface \(interface)")
            }
        }
    }
}
