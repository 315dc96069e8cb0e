public import NetlinkMessages
public import Wire

/// The ports of weft's datapath, by what they are for.
public struct DatapathPorts: Hashable, Sendable {
    /// Our end of the pair that leads to the bridge.
    public var bridge: VportNumber
    /// The capture port: frames that leave through it are sent by user space, those that it sends in come from peers.
    public var capture: VportNumber
    /// The tunnels, by the UDP port that they receive on and send to.
    public var tunnels: [PortNumber: VportNumber]

    public init(bridge: VportNumber, capture: VportNumber, tunnels: [PortNumber: VportNumber] = [:]) {
        self.bridge = bridge
        self.capture = capture
        self.tunnels = tunnels
    }

    /// The UDP port of a tunnel's vport; nil for other ports.
    public func tunnelPort(of number: VportNumber) -> PortNumber? {
        tunnels.first { $0.value == number }?.key
    }
}
