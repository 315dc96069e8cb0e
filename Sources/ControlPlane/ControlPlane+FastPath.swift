import DataPlane
import HostNetwork
import Logging
import PacketIO
import Wire

/// Whether frames go through the kernel's datapath, and why not.
struct FastPathChoice: Sendable {
    /// Nil: every frame goes by sleeve.
    var path: FastPath?
    /// For people: the absent module, the option.
    var reason: String
    /// Whether the kernel has what is needed; nil: not looked for.
    var isAvailable: Bool?
}

extension ControlPlane {
    /// Makes the kernel's datapath between bridge and tunnels, or adopts the one that is there; where it cannot be or is
    /// not wanted, removes what an earlier run made and leaves everything to sleeve.
    static func openFastPath(
        _ configuration: ControlPlaneConfiguration, _ dataPlane: DataPlane, _ network: HostNetwork, mtu: Int,
        _ receiver: NewsReceiver
    ) throws(ControlPlaneError) -> FastPathChoice {
        let names = network.names
        guard !configuration.isForRemoval else { return FastPathChoice(reason: "weft is being removed") }
        if let reason = unwanted(configuration, dataPlane) {
            try withoutDatapath(network)
            return FastPathChoice(reason: reason)
        }
        guard let next = UInt16(exactly: Int(dataPlane.port.rawValue) + 1) else {
            try withoutDatapath(network)
            return FastPathChoice(reason: "there is no UDP port after \(dataPlane.port)")
        }
        // Asked first: without it nothing on the host is touched.
        do throws(FastPathError) {
            try FastPath.probe()
        } catch {
            return FastPathChoice(reason: "\(error)", isAvailable: false)
        }
        try ControlPlaneError.wrapping { () throws(HostNetworkError) in
            try network.ensureDatapathPair(mtu: mtu)
            try network.releaseTap(mtu: mtu)
        }
        let path: FastPath
        do throws(FastPathError) {
            path = try dataPlane.openFastPath(
                FastPathConfiguration(
                    datapath: names.datapath, bridgeEnd: names.datapathEnd, port: PortNumber(rawValue: next))
            ) { receiver.receive($0) }
        } catch {
            try withoutDatapath(network)
            return FastPathChoice(reason: "\(error)", isAvailable: false)
        }
        try ControlPlaneError.wrapping { () throws(HostNetworkError) in try network.mark(interface: names.datapath) }
        return FastPathChoice(path: path, reason: "", isAvailable: true)
    }

    /// Why it is not used although it may be there; nil if it is to be used.
    private static func unwanted(_ configuration: ControlPlaneConfiguration, _ dataPlane: DataPlane) -> String? {
        if !configuration.fastDatapath { return "it is turned off (--no-fastdp, WEFT_NO_FASTDP)" }
        if configuration.password != nil { return "it cannot encrypt yet, and this mesh has a password" }
        if dataPlane.captureKind != .tap { return "it needs a tap, and this host has none" }
        return nil
    }

    /// Removes the datapath and its pair, if weft has made them.
    static func withoutDatapath(_ network: HostNetwork) throws(ControlPlaneError) {
        try ControlPlaneError.wrapping { () throws(HostNetworkError) in
            guard try network.isOurs(interface: network.names.datapath) else { return }
            try? FastPath.remove(datapath: network.names.datapath)
            try network.removeDatapathPair()
        }
    }
}
