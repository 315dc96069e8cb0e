internal import Glibc
public import NetlinkMessages

/// Why a request to the kernel failed.
public struct NetlinkError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// A system call or a function of libnl failed.
        case system(call: String, errno: Int32)
        /// The kernel refused, with its own words if it gave any.
        case refused(NetlinkVerdict)
        /// The kernel's answer could not be read.
        case malformed(NetlinkMessageError)
        /// No answer in time.
        case timedOut
        /// A list changed each time it was read.
        case interrupted
        /// The kernel had answers that the socket's buffer had no room for (`ENOBUFS`). What was asked for may have been
        /// done or not: look at everything again.
        case lost
    }

    /// What was asked for, with the object: "create bridge weave".
    public let operation: String
    public let reason: Reason

    public init(_ operation: String, _ reason: Reason) {
        self.operation = operation
        self.reason = reason
    }

    /// The errno behind it, if there is one.
    public var errno: Int32? {
        switch reason {
        case .system(_, let errno): errno
        case .refused(let verdict): verdict.errno
        case .malformed, .timedOut, .interrupted, .lost: nil
        }
    }
}

extension NetlinkError: CustomStringConvertible {
    public var description: String { "cannot \(operation): \(cause)" }

    /// The reason in words, without the operation.
    public var cause: String {
        switch reason {
        case .system(let call, let errno):
            return "\(call): \(errnoText(errno))"
        case .refused(let verdict):
            var text = errnoText(verdict.errno)
            if !verdict.text.isEmpty { text += " (kernel: \(verdict.text))" }
            if let missing = verdict.missingAttribute { text += " (attribute \(missing) is missing)" }
            return text
        case .malformed(let error): return "the kernel's answer could not be read: \(error)"
        case .timedOut: return "the kernel did not answer in time"
        case .interrupted: return "the list changed each time it was read"
        case .lost: return "answers of the kernel were lost, since they came faster than they were read"
        }
    }
}

/// An errno in words, "Operation not permitted". glibc's strerror is thread-safe since 2.32.
public func errnoText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
