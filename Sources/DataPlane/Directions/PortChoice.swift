import PacketIO

extension FramePort {
    /// The first of the ways to capture that works: the tap; then, where there is a veth for it, a packet socket, and
    /// libpcap in the end. What was refused before is among the facilities.
    static func open(_ configuration: DataPlaneConfiguration) throws(SystemError) -> FramePort {
        let offloads = !configuration.disabled.contains(.tapOffloads)
        guard let interface = configuration.fallbackInterface else {
            return try FramePort(tap: configuration.tapName, offloads: offloads)
        }
        var refused: [PacketFacility] = []
        if configuration.disabled.contains(.tap) {
            refused.append(PacketFacility(.tap, .unknown, "switched off; capturing on \(interface)"))
        } else {
            do throws(SystemError) {
                return try FramePort(tap: configuration.tapName, offloads: offloads)
            } catch {
                refused.append(PacketFacility(.tap, .no(errno: error.errno), "\(error); capturing on \(interface)"))
            }
        }
        if configuration.disabled.contains(.packetSocket) {
            refused.append(PacketFacility(.packetSocket, .unknown, "switched off; using libpcap"))
        } else {
            do throws(SystemError) {
                return try FramePort(packetSocketOn: interface, after: refused)
            } catch {
                refused.append(PacketFacility(.packetSocket, .no(errno: error.errno), "\(error); using libpcap"))
            }
        }
        return try FramePort(libpcapOn: interface, after: refused)
    }
}
