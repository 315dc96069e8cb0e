internal import Glibc
internal import Netlink

/// Why something on this host could not be set up, in words for a person.
public struct HostNetworkError: Error, Hashable, Sendable {
    /// What callers may want to tell apart.
    public enum Reason: Hashable, Sendable {
        /// The object does not exist.
        case notFound
        /// Something of that name exists and is not ours or not of the right kind.
        case conflict
        /// The process lacks privileges.
        case notPermitted
        /// The kernel lacks the facility.
        case unsupported
        /// The request itself cannot be carried out, on any host.
        case invalid
        /// Anything else that the kernel refused.
        case kernel
    }

    public let reason: Reason
    /// What it is about: "bridge weave".
    public let object: String
    /// What is wrong with it.
    public let cause: String
    /// What a person can do; empty if nothing is known to help.
    public let nextStep: String
    /// The errno behind it, if there is one.
    public let errno: Int32?

    public init(_ reason: Reason, _ object: String, cause: String, nextStep: String, errno: Int32? = nil) {
        self.reason = reason
        self.object = object
        self.cause = cause
        self.nextStep = nextStep
        self.errno = errno
    }

    /// A refusal by netlink.
    init(_ error: NetlinkError, _ object: String) {
        self.init(errno: error.errno, object, cause: error.description)
    }

    /// A system call that failed.
    init(_ error: SystemCallError, _ object: String) {
        self.init(errno: error.errno, object, cause: error.description)
    }

    private init(errno code: Int32?, _ object: String, cause: String) {
        let (reason, nextStep): (Reason, String) =
            switch code {
            case EPERM, EACCES, EROFS:
                (.notPermitted, "run as root, or with the capabilities CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN")
            case ENODEV, ENOENT, ENXIO, ESRCH, EADDRNOTAVAIL:
                (.notFound, "check the name; `ip link` lists interfaces, `ip netns` named namespaces")
            case EOPNOTSUPP, EAFNOSUPPORT, EPROTONOSUPPORT:
                (.unsupported, "use a kernel with the modules bridge, veth and tun, or load them with modprobe")
            case EEXIST, EBUSY:
                (.conflict, "find out who uses it with `ip -details link`, remove it, or choose another name")
            default: (.kernel, "")
            }
        self.init(reason, object, cause: cause, nextStep: nextStep, errno: code)
    }
}

extension HostNetworkError: CustomStringConvertible {
    /// "bridge weave: cannot ...: Operation not permitted; run as root ..."
    public var description: String {
        nextStep.isEmpty ? "\(object): \(cause)" : "\(object): \(cause); \(nextStep)"
    }
}
