internal import Glibc

/// A system call that failed.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, with the option or the object where that helps: `TUNSETIFF vethwe-tap`.
    public let call: String
    public let errno: CInt

    public init(call: String, errno: CInt) {
        self.call = call
        self.errno = errno
    }

    public var description: String { "\(call): \(SystemError.words(errno)) (errno \(errno))" }

    /// The C library's words for an errno.
    public static func words(_ errno: CInt) -> String {
        // glibc keeps the text per thread since 2.32.
        guard let text = unsafe strerror(errno) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}

/// The errnos that the packet path reacts to, by number (asm-generic/errno.h).
public enum Errno {
    public static let notPermitted: CInt = 1
    public static let notFound: CInt = 2
    public static let interrupted: CInt = 4
    public static let inputOutput: CInt = 5
    public static let noSuchDevice: CInt = 6
    public static let wouldBlock: CInt = 11
    public static let noMemory: CInt = 12
    public static let busy: CInt = 16
    public static let exists: CInt = 17
    public static let noDevice: CInt = 19
    public static let invalid: CInt = 22
    public static let messageTooBig: CInt = 90
    public static let notSupported: CInt = 95
    public static let addressInUse: CInt = 98
    public static let addressNotAvailable: CInt = 99
    public static let networkDown: CInt = 100
    public static let noBuffers: CInt = 105
}
