internal import CLinux
internal import Glibc

/// libpcap on an interface, loaded when it is opened: it pulls in a dozen libraries that nobody else needs.
@safe
struct PacketCapture: ~Copyable, @unchecked Sendable {
    // Sendable: reading belongs to one thread at a time, writing is one send(2) each, and closing is the owner's.
    private let handle: UnsafeMutableRawPointer

    init(_ interface: String) throws(SystemError) {
        var error: CInt = 0
        guard let handle = unsafe weft_open_pcap(interface, &error) else {
            throw SystemError(call: "libpcap on \(interface)", errno: error)
        }
        unsafe self.handle = handle
    }

    /// For the packet threads; valid while the owner lives.
    var address: UInt { unsafe UInt(bitPattern: handle) }

    /// A duplicate of libpcap's descriptor to wait on.
    func makeDescriptor() throws(SystemError) -> Descriptor {
        let original = unsafe weft_pcap_descriptor(handle)
        let duplicate = original < 0 ? -1 : fcntl(original, F_DUPFD_CLOEXEC, 0)
        return try Descriptor(duplicate < 0 ? -Errno.invalid : duplicate, "waiting for libpcap")
    }

    deinit { unsafe weft_close_pcap(handle) }
}
