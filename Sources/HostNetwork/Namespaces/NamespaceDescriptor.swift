/// What makes a network namespace itself: device and inode of its file. Two references with the same identity mean the
/// same namespace; an identity is given away again only when the namespace is gone.
public struct NamespaceIdentity: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64

    /// Seven characters that stand for the inode, whose numbers have 32 bits: five bits a character. Unlike a hash they
    /// cannot stand for two namespaces that exist at the same time.
    var sevenCharacters: String {
        let digits = Array("0123456789abcdefghijklmnopqrstuv")
        return String((0..<7).map { digits[Int((inode >> (5 * (6 - UInt64($0)))) & 31)] })
    }
}

/// An open network namespace, which keeps it alive. Closed when the value is dropped.
public struct NamespaceDescriptor: ~Copyable, Sendable {
    /// Valid as long as the value.
    public let rawValue: Int32
    public let identity: NamespaceIdentity
    /// The reference that it was opened by, in words.
    public let label: String

    /// Opens a path and checks that it is a network namespace.
    init(path: String, label: String) throws(HostNetworkError) {
        self.init(opened: try Self.open(path, label), label: label)
    }

    private init(opened: (Int32, NamespaceIdentity), label: String) {
        (rawValue, identity) = opened
        self.label = label
    }

    deinit {
        SystemCalls.close(rawValue)
    }

    /// The namespace of the calling thread.
    public static func current() throws(HostNetworkError) -> NamespaceDescriptor {
        try NamespaceDescriptor(path: "/proc/thread-self/ns/net", label: "this host's network namespace")
    }

    private static func open(
        _ path: String, _ label: String
    ) throws(HostNetworkError) -> (Int32, NamespaceIdentity) {
        do throws(SystemCallError) {
            let descriptor = try SystemCalls.open(path, 0)
            // try?: looking at an open descriptor does not fail; if it did, it would be no namespace that we can use.
            if SystemCalls.isNetworkNamespace(descriptor),
                let identity = try? SystemCalls.identity(of: descriptor, path)
            {
                return (descriptor, identity)
            }
            SystemCalls.close(descriptor)
        } catch {
            throw HostNetworkError(error, label)
        }
        throw HostNetworkError(
            .invalid, label, cause: "\(path) is not a network namespace",
            nextStep: "name one of `ip netns`, a path such as /proc/PID/ns/net, or a process id")
    }
}
