import DataPlane
import HostNetwork
import PacketIO
import Wire

// How frames are captured on this host, and where datagrams are received.
extension ControlPlane {
    /// For removal nothing is bound that others can reach.
    static func dataPlaneConfiguration(
        _ configuration: ControlPlaneConfiguration, _ name: PeerName, _ network: HostNetwork
    ) throws(ControlPlaneError) -> DataPlaneConfiguration {
        var disabled: Set<PacketFacility.Kind> = []
        for text in configuration.without {
            guard let kind = PacketFacility.Kind(rawValue: text) else {
                let known = PacketFacility.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .cannot("do without \(text)", "WEFT_WITHOUT takes these, with commas: \(known)")
            }
            disabled.insert(kind)
        }
        // A few more than connections: one that is replaced is still open for a moment.
        let peers = configuration.connectionLimit == 0 ? 4_096 : min(configuration.connectionLimit + 16, 4_096)
        return DataPlaneConfiguration(
            ownName: name, tapName: network.names.tap,
            bindAddress: configuration.isForRemoval ? .loopback : configuration.host,
            port: configuration.isForRemoval ? PortNumber(rawValue: 0) : configuration.port, disabled: disabled,
            maximumPeers: peers)
    }

    /// With a tap; where there is none, with a veth pair whose one end is captured on.
    static func openDataPlane(
        _ wanted: DataPlaneConfiguration, _ network: HostNetwork, mtu: Int, _ receiver: NewsReceiver
    ) throws(ControlPlaneError) -> DataPlane {
        if !wanted.disabled.contains(.tap) {
            var plane: DataPlane?
            do throws(DataPlaneError) {
                plane = try DataPlane(wanted) { receiver.receive($0) }
            } catch {
                guard error.meansNoTaps else { throw .cannot("start the packet path", "\(error)") }
            }
            if let plane {
                try ControlPlaneError.wrapping { () throws(HostNetworkError) in try network.removeCapturePair() }
                return plane
            }
        }
        try ControlPlaneError.wrapping { () throws(HostNetworkError) in try network.ensureCapturePair(mtu: mtu) }
        var fallback = wanted
        fallback.fallbackInterface = network.names.captureEnd
        let plane: DataPlane
        do throws(DataPlaneError) {
            plane = try DataPlane(fallback) { receiver.receive($0) }
        } catch {
            throw .cannot("start the packet path", "\(error)")
        }
        // libpcap shows frames without what is unfinished about them: the kernel finishes them on the way into the pair.
        let port = network.names.capturePort
        let isComplete = plane.captureKind == .libpcap
        try ControlPlaneError.wrapping { () throws(HostNetworkError) in
            try network.setOffloads(.transmitChecksum, on: !isComplete, of: port)
            if !isComplete { try network.setOffloads(.tcpSegmentation, on: true, of: port) }
        }
        return plane
    }
}
