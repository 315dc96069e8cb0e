internal import Wire

/// An announcement of an address to everyone on the link, so that old entries of other hosts change at once.
enum GratuitousARP {
    /// A broadcast ARP request whose sender and target are the address itself (RFC 5227, 3), as a whole Ethernet frame
    /// of 42 bytes:
    /// ```
    /// ffffffffffff SSSSSSSSSSSS 0806   Ethernet
    /// 0001 0800 06 04 0001             Ethernet and IPv4, request
    /// SSSSSSSSSSSS AAAAAAAA            sender
    /// 000000000000 AAAAAAAA            target
    /// ```
    static func frame(for address: IPv4Address, at mac: MACAddress) -> [UInt8] {
        var frame = MACAddress.broadcast.bytes + mac.bytes
        frame.appendNetwork(0x0806 as UInt16)
        frame += [0, 1, 8, 0, 6, 4, 0, 1]
        frame += mac.bytes + address.bytes
        frame += [0, 0, 0, 0, 0, 0] + address.bytes
        return frame
    }

    /// Sends it out of an interface of the calling thread's namespace.
    static func send(_ address: IPv4Address, at mac: MACAddress, interface: UInt32) throws(HostNetworkError) {
        do {
            try SystemCalls.sendFrame(frame(for: address, at: mac), interface: interface)
        } catch {
            throw HostNetworkError(error, "announcement of \(address)")
        }
    }
}
