import PacketIO

extension FramePort {
    /// The first of the ways to capture that works: the tap, then a packet socket.
    static func open(_ configuration: DataPlaneConfiguration) throws(SystemError) -> FramePort {
        let offloads = !configuration.disabled.contains(.tapOffloads)
        guard let interface = configuration.fallbackInterface else {
            return try FramePort(tap: configuration.tapName, offloads: offloads)
        }
        if !configuration.disabled.contains(.tap) {
            do throws(SystemError) {
                return try FramePort(tap: configuration.tapName, offloads: offloads)
            } catch {
                let refusal = PacketFacility(.tap, .no(errno: error.errno), "\(error); capturing on \(interface)")
                return try FramePort(packetSocketOn: interface, after: [refusal])
            }
        }
        let refusal = PacketFacility(.tap, .unknown, "switched off; capturing on \(interface)")
        return try FramePort(packetSocketOn: interface, after: [refusal])
    }
}
