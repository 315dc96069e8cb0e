/// What the interfaces are called. The defaults are Weave Net's where it has one, since scripts look for them.
public struct HostNetworkNames: Hashable, Sendable {
    /// The bridge that all containers of the host are on.
    public var bridge = "weave"
    /// The daemon's port of the bridge.
    public var tap = "vethwe-tap"
    /// Where no tap is to be had: what frames are captured on, and its other end, the port of the bridge.
    public var captureEnd = "vethwe-pcap"
    public var capturePort = "vethwe-bridge"
    /// Where the kernel's datapath carries frames: its end of the pair whose other end is `capturePort`.
    public var datapathEnd = "vethwe-datapath"
    /// The datapath, and the interface that the kernel makes with it.
    public var datapath = "datapath"
    /// The interface within a container.
    public var containerInterface = "ethwe"
    /// The host's end of a container's pair, followed by seven characters that stand for the namespace.
    public var hostEndPrefix = "vethwepl"

    /// How long an interface's name may be in bytes: `IFNAMSIZ - 1`, linux/if.h.
    static let limit = 15
    /// The alias of every interface that weft makes. `removeEverything` removes nothing else.
    static let mark = "made by weft"

    public init() {}

    /// 1 to 15 bytes, no slash, no blank, not a directory's own name, not "all" or "default", which mean every interface
    /// in /proc/sys/net: what the kernel accepts and /proc can spell.
    static func isValid(_ name: String) -> Bool {
        (1...limit).contains(name.utf8.count) && ![".", "..", "all", "default"].contains(name)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    }
}
