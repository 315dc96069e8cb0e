internal import CLinux
public import Wire

/// The UDP sockets of the overlay, on one address and port.
///
/// The main one receives everything and sends what the underlay may fragment; the second sends with DF; a third is for
/// the few frames of the control plane, which would find the others' buffers full just when they matter. All have the
/// same source address and port, which the other side insists on. Sending blocks when the kernel's buffer is full, so
/// that the pressure reaches the containers; receiving never blocks.
public struct DatagramSockets: ~Copyable, Sendable {
    private let main: Descriptor
    private let unfragmented: Descriptor?
    private let special: Descriptor?
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
        let ownPort = try DatagramSockets.bind(socket.raw, address, port)
        DatagramSockets.enlargeReceiving(socket.raw)
        DatagramSockets.enlargeSending(socket.raw)

        let segmentation = DatagramSockets.probe(
            socket.raw, .segment, 0, wanted: choices.udpSegmentation,
            PacketFacility(.udpSegmentation, .yes, "many datagrams go out in one send"),
            without: "datagrams go out one by one")
        segments = segmentation.outcome == .yes
        facilities.append(segmentation)
        let offload = DatagramSockets.probe(
            socket.raw, .receiveOffload, 1, wanted: choices.udpReceiveOffload,
            PacketFacility(.udpReceiveOffload, .yes, "many datagrams come in with one receive"),
            without: "datagrams come in one by one")
        facilities.append(offload)
        var others = DatagramSockets.openOthers(
            beside: socket.raw, address: address, port: ownPort, wanted: choices.separateSocket,
            receiveOffload: offload.isInUse)
        facilities.append(others.facility)
        unfragmented = others.unfragmented.take()
        special = others.special.take()
        main = socket
        self.port = ownPort
        self.facilities = facilities
    }

    /// Binds the main socket. Returns the port.
    private static func bind(
        _ socket: CInt, _ address: IPv4Address, _ port: PortNumber
    ) throws(SystemError) -> PortNumber {
        guard port.rawValue == 0 else {
            let bound = weft_bind(socket, address.rawValue, port.rawValue)
            guard bound >= 0 else { throw SystemError(call: "bind \(address):\(port)", errno: -bound) }
            return port
        }
        // To a socket with SO_REUSEPORT the kernel may give the port of another such group. So it is asked for one
        // without, which then lets the main socket in and leaves.
        let scout = try Descriptor(weft_udp_socket(), "socket")
        let bound = weft_bind(scout.raw, address.rawValue, 0)
        guard bound >= 0 else { throw SystemError(call: "bind \(address)", errno: -bound) }
        let number = weft_bound_port(scout.raw)
        guard number > 0 else { throw SystemError(call: "getsockname", errno: -number) }
        try scout.set(.reusePort, 1)
        let free = PortNumber(rawValue: UInt16(truncatingIfNeeded: number))
        return try bind(socket, address, free)
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

    /// Bursts of super-frames must fit; the system's default drops them.
    private static let receiveBytes: CInt = 4 << 20
    /// A dozen full sends. What waits here waits in front of everything that comes later.
    private static let sendBytes: CInt = 1 << 20

    /// Beyond the system's limit where we may, else up to the limit.
    private static func enlargeReceiving(_ socket: CInt) {
        let (force, plain) = (SocketOption.receiveBufferForce, SocketOption.receiveBuffer)
        if weft_set_option(socket, force.level, force.number, receiveBytes) < 0 {
            _ = weft_set_option(socket, plain.level, plain.number, receiveBytes)
        }
    }

    private static func enlargeSending(_ socket: CInt) {
        let (force, plain) = (SocketOption.sendBufferForce, SocketOption.sendBuffer)
        if weft_set_option(socket, force.level, force.number, sendBytes) < 0 {
            _ = weft_set_option(socket, plain.level, plain.number, sendBytes)
        }
    }

    /// The sockets that only send, and what was found out.
    private struct Others: ~Copyable {
        var unfragmented: Descriptor?
        var special: Descriptor?
        let facility: PacketFacility
    }

    private static func openOthers(
        beside main: CInt, address: IPv4Address, port: PortNumber, wanted: Bool, receiveOffload: Bool
    ) -> Others {
        guard wanted else {
            let words = "switched off: one socket switches between both ways of sending"
            return Others(
                unfragmented: nil, special: nil, facility: PacketFacility(.separateSocket, .unknown, words))
        }
        do throws(SystemError) {
            // Attached before the others join, so that not one datagram goes astray.
            let steering = weft_receive_at_first(main)
            guard steering >= 0 else { throw SystemError(call: "SO_ATTACH_REUSEPORT_CBPF", errno: -steering) }
            let second = try joined(address, port, receiveOffload: receiveOffload)
            try second.set(.pathMTUDiscovery, 2)
            enlargeSending(second.raw)
            let third = try joined(address, port, receiveOffload: receiveOffload)
            let words = "datagrams with DF have a socket of their own"
            return Others(
                unfragmented: .some(consume second), special: .some(consume third),
                facility: PacketFacility(.separateSocket, .yes, words))
        } catch {
            let words = "\(error); one socket switches between both ways of sending"
            return Others(
                unfragmented: nil, special: nil,
                facility: PacketFacility(.separateSocket, .no(errno: error.errno), words))
        }
    }

    /// A further socket on the address and port of the main one.
    private static func joined(
        _ address: IPv4Address, _ port: PortNumber, receiveOffload: Bool
    ) throws(SystemError) -> Descriptor {
        let socket = try Descriptor(weft_udp_socket(), "socket")
        try socket.set(.reusePort, 1)
        // Should the steering ever fail, what lands here is lost soon instead of filling memory.
        try socket.set(.receiveBuffer, 1)
        // The kernel joins datagrams before it knows where they go, without the steering: it looks at whichever socket
        // of the group their hash names (net/ipv4/udp_offload.c, udp4_gro_lookup_skb).
        if receiveOffload { try socket.set(.receiveOffload, 1) }
        let bound = weft_bind(socket.raw, address.rawValue, port.rawValue)
        guard bound >= 0 else { throw SystemError(call: "bind of a further socket", errno: -bound) }
        return socket
    }

    /// What packet threads hold; valid while the owner lives.
    package var handles: SocketHandles {
        func raw(_ socket: borrowing Descriptor?) -> CInt {
            switch socket {
            case .some(let socket): socket.raw
            case .none: -1
            }
        }
        return SocketHandles(main: main.raw, unfragmented: raw(unfragmented), special: raw(special))
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
    let special: CInt

    /// For `wait` and receiving.
    package var waitable: CInt { main }

    /// The socket for datagrams that the underlay may fragment, or must not.
    package func sender(dontFragment: Bool) -> SendingSocket {
        guard unfragmented < 0 else { return SendingSocket(raw: dontFragment ? unfragmented : main) }
        return SocketHandles.switched(main, dontFragment)
    }

    /// The same for the control plane's frames; one thread at a time.
    package func specialSender(dontFragment: Bool) -> SendingSocket {
        special < 0 ? sender(dontFragment: dontFragment) : SocketHandles.switched(special, dontFragment)
    }

    /// One socket for both: the flag is switched. It cannot fail with a value that was accepted before.
    private static func switched(_ socket: CInt, _ dontFragment: Bool) -> SendingSocket {
        let option = SocketOption.pathMTUDiscovery
        _ = weft_set_option(socket, option.level, option.number, dontFragment ? 2 : 0)
        return SendingSocket(raw: socket)
    }
}
