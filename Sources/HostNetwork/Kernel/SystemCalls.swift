internal import CLinux
internal import Glibc
internal import Netlink

/// A system call that failed, with what it worked on.
struct SystemCallError: Error, Hashable, CustomStringConvertible {
    let call: String
    let object: String
    let errno: Int32

    var description: String { "cannot \(call) \(object): \(errnoText(errno))" }
}

/// All system calls of this target. Interrupted ones are repeated; errno is read at once.
enum SystemCalls {
    /// Opens a file; the caller owns the descriptor. Never blocks on a FIFO, never becomes a controlling terminal.
    static func open(_ path: String, _ flags: CInt) throws(SystemCallError) -> CInt {
        try check("open", path) { unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) }
    }

    static func close(_ descriptor: CInt) {
        // Nothing can be done about an error, and the descriptor is gone in any case.
        _ = Glibc.close(descriptor)
    }

    /// Writes a short text to an existing file of /proc in one call.
    static func write(_ text: String, to path: String) throws(SystemCallError) {
        let descriptor = try open(path, O_WRONLY)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        _ = try check("write", path) {
            CInt(
                truncatingIfNeeded: unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
                })
        }
    }

    /// Reads at most 4 KiB of a file of /proc.
    static func read(_ path: String) throws(SystemCallError) -> String {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try check("read", path) {
            CInt(
                truncatingIfNeeded: unsafe bytes.withUnsafeMutableBytes {
                    unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
                })
        }
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }

    /// Device and inode of an open file: what makes a namespace itself.
    static func identity(of descriptor: CInt, _ path: String) throws(SystemCallError) -> NamespaceIdentity {
        var status = stat()
        _ = try check("look at", path) { unsafe fstat(descriptor, &status) }
        return NamespaceIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The same by path; follows links.
    static func identity(at path: String) throws(SystemCallError) -> NamespaceIdentity {
        var status = stat()
        _ = try check("look at", path) { unsafe stat(path, &status) }
        return NamespaceIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The names in a directory, sorted; empty if it cannot be read, which is the same to all callers.
    static func entries(of path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is zero-terminated within the entry, which is valid until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func isNetworkNamespace(_ descriptor: CInt) -> Bool {
        weft_is_network_namespace(descriptor) == 1
    }

    /// Moves the calling thread into a network namespace.
    static func enterNamespace(_ descriptor: CInt, _ label: String) throws(SystemCallError) {
        _ = try check("enter", label) { weft_enter_network_namespace(descriptor) }
    }

    /// Sends one whole Ethernet frame out of an interface of the calling thread's namespace.
    static func sendFrame(_ frame: [UInt8], interface: UInt32) throws(SystemCallError) {
        let socket = try check("open", "a packet socket") { weft_open_packet_socket() }
        defer { close(socket) }
        _ = try check("send a frame through", "interface \(interface)") {
            CInt(
                truncatingIfNeeded: unsafe frame.withUnsafeBytes { bytes in
                    unsafe weft_send_frame(socket, Int32(bitPattern: interface), bytes.baseAddress, bytes.count)
                })
        }
    }

    /// Reads one value by ethtool's ioctl, in the calling thread's namespace.
    static func ethtoolValue(_ command: UInt32, of interface: String) throws(SystemCallError) -> UInt32 {
        let socket = try openIoctlSocket()
        defer { close(socket) }
        var value: UInt32 = 0
        _ = try check("read offload flags of", interface) {
            unsafe weft_ethtool_get(socket, interface, command, &value)
        }
        return value
    }

    /// Writes one value by ethtool's ioctl, in the calling thread's namespace.
    static func setEthtoolValue(_ command: UInt32, _ value: UInt32, of interface: String) throws(SystemCallError) {
        let socket = try openIoctlSocket()
        defer { close(socket) }
        _ = try check("set offload flags of", interface) {
            unsafe weft_ethtool_set(socket, interface, command, value)
        }
    }

    /// Pauses the calling thread.
    static func pause(milliseconds: UInt32) {
        usleep(milliseconds * 1000)
    }

    private static func openIoctlSocket() throws(SystemCallError) -> CInt {
        try check("open", "a datagram socket") {
            socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        }
    }

    /// Not inlined: errno has to be read before anything else runs.
    @inline(never)
    private static func check(
        _ call: String, _ object: String, _ body: () -> CInt
    ) throws(SystemCallError) -> CInt {
        while true {
            let result = body()
            let code = errno
            if result >= 0 { return result }
            if code != EINTR { throw SystemCallError(call: call, object: object, errno: code) }
        }
    }
}
