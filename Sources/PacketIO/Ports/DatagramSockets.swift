internal import CLinux
public import Wire

/// The UDP sockets of the overlay, on one address and port.
///
/// The main one receives everything and sends what the underlay may fragment; the second sends with DF. Both have the
/// same source address and port, which the other side insists on. Sending blocks when the kernel's buffer is full, so
/// that the pressure reaches the containers; receiving never blocks.
public struct DatagramSockets: ~Copyable, Sendable {
    private let main: Descriptor
    private let unfragmented: Descriptor?
    public let facilities: [PacketFacility]
    /// Whether one send may carry many datagrams.
    public let segments: Bool
    public let port: PortNumber

    /// What not to use, for tests and by configuration.
    public struct Choices: Sendable {
        public var udpSegmentation = true
        public var udpReceiveOffload = true
        public var separateSocket = true
        public init() {}
    }

    /// Opens and binds them; port 0 lets the kernel choose.
    public init(address: IPv4Address, port: PortNumber, choices: Choices = Choices()) throws(SystemError) {
        let socket = try Descriptor(weft_udp_socket(), "socket")
        var facilities: [PacketFacility] = []
        // Both sockets of a group need it before they are bound. Only processes of the same user can join the group.
        try socket.set(.reusePort, 1)
        try socket.set(.pathMTUDiscovery, 0)
        let bound = weft_bind(socket.raw, address.rawValue, port.rawValue)
        guard bound >= 0 else { throw SystemError(call: "bind \(address):\(port)", errno: -bound) }
        let actual = weft_bound_port(socket.raw)
        guard actual >= 0 else { throw SystemError(call: "getsockname", errno: -actual) }
        let ownPort = PortNumber(rawValue: UInt16(truncatingIfNeeded: actual))
        DatagramSockets.enlarge(socket.raw)

        unfragmented = DatagramSockets.openSecond(
            beside: socket.raw, address: address, port: ownPort, wanted: choices.separateSocket, &facilities)
        let segmentation = DatagramSockets.probe(
            socket.raw, .segment, 0, wanted: choices.udpSegmentation,
            PacketFacility(.udpSegmentation, .yes, "many datagrams go out in one send"),
            without: "datagrams go out one by one")
        segments = segmentation.outcome == .yes
        facilities.append(segmentation)
        facilities.append(
            DatagramSockets.probe(
                socket.raw, .receiveOffload, 1, wanted: choices.udpReceiveOffload,
                PacketFacility(.udpReceiveOffload, .yes, "many datagrams come in with one receive"),
                without: "datagrams come in one by one"))
        main = socket
        self.port = ownPort
        self.facilities = facilities
    }

    private static func probe(
        _ socket: CInt, _ option: SocketOption, _ value: CInt, wanted: Bool, _ facility: PacketFacility,
        without: String
    ) -> PacketFacility {
        guard wanted else { return PacketFacility(facility.kind, .unknown, "switched off: \(without)") }
        let result = weft_set_option(socket, option.level, option.number, value)
        guard result < 0 else { return facility }
        return PacketFacility(facility.kind, .no(errno: -result), "\(without): expect a fifth of the throughput")
    }

    private static let bufferBytes: CInt = 4 << 20

    /// Up to 4 MiB beyond the system's limit where we may, else up to the limit: the default drops bursts.
    private static func enlarge(_ socket: CInt) {
        for (force, plain) in [
            (SocketOption.receiveBufferForce, SocketOption.receiveBuffer),
            (SocketOption.sendBufferForce, SocketOption.sendBuffer),
        ] where weft_set_option(socket, force.level, force.number, bufferBytes) < 0 {
            _ = weft_set_option(socket, plain.level, plain.number, bufferBytes)
        }
    }

    private static func openSecond(
        beside main: CInt, address: IPv4Address, port: PortNumber, wanted: Bool, _ facilities: inout [PacketFacility]
    ) -> Descriptor? {
        guard wanted else {
            let words = "switched off: one socket switches between both ways of sending"
            facilities.append(PacketFacility(.separateSocket, .unknown, words))
            return nil
        }
        do throws(SystemError) {
            // Attached before the second joins, so that not one datagram goes astray.
            let steering = weft_receive_at_first(main)
            guard steering >= 0 else { throw SystemError(call: "SO_ATTACH_REUSEPORT_CBPF", errno: -steering) }
            let second = try Descriptor(weft_udp_socket(), "socket")
            try second.set(.reusePort, 1)
            try second.set(.pathMTUDiscovery, 2)
            // Should the steering ever fail, what lands here is lost soon instead of filling memory.
            try second.set(.receiveBuffer, 1)
            let bound = weft_bind(second.raw, address.rawValue, port.rawValue)
            guard bound >= 0 else { throw SystemError(call: "bind of the second socket", errno: -bound) }
            let option = SocketOption.sendBufferForce
            if weft_set_option(second.raw, option.level, option.number, bufferBytes) < 0 {
                try second.set(.sendBuffer, bufferBytes)
            }
            let words = "datagrams with DF have a socket of their own"
            facilities.append(PacketFacility(.separateSocket, .yes, words))
            return second
        } catch {
            let words = "\(error); one socket switches between both ways of sending"
            facilities.append(PacketFacility(.separateSocket, .no(errno: error.errno), words))
            return nil
        }
    }

    /// What packet threads hold; valid while the owner lives.
    package var handles: SocketHandles {
        switch unfragmented {
        case .some(let second): SocketHandles(main: main.raw, unfragmented: second.raw)
        case .none: SocketHandles(main: main.raw, unfragmented: -1)
        }
    }

    /// The kernel's path MTU towards an address, nil where it knows no route.
    public static func pathMTU(toward address: IPv4Address) -> Int? {
        let mtu = weft_path_mtu(address.rawValue)
        return mtu > 0 ? Int(mtu) : nil
    }
}

/// The sockets as packet threads use them; valid while the `DatagramSockets` live.
package struct SocketHandles: Sendable {
    let main: CInt
    let unfragmented: CInt

    /// For `wait` and receiving.
    package var waitable: CInt { main }

    /// The socket for datagrams that the underlay may fragment, or must not.
    package func sender(dontFragment: Bool) -> SendingSocket {
        guard unfragmented < 0 else { return SendingSocket(raw: dontFragment ? unfragmented : main) }
        // One socket for both: the flag is switched. It cannot fail with a value that was accepted before.
        let option = SocketOption.pathMTUDiscovery
        _ = weft_set_option(main, option.level, option.number, dontFragment ? 2 : 0)
        return SendingSocket(raw: main)
    }
}
