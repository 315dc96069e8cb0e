internal import CSodium

/// libsodium as a whole: chosen implementations and the page layout of its guarded memory.
enum Sodium {
    /// Whether the library is ready. Its start runs once, on first use, and picks the vectorised code for this CPU.
    static let isReady = sodium_init() >= 0
}

/// Why key material could not be set up.
public enum SealingError: Error, Hashable, Sendable {
    /// libsodium could not start: the kernel gave it no random bytes.
    case libraryUnavailable
    /// A key of the wrong length was given.
    case keyLength(expected: Int, given: Int)
    /// The kernel gave no guarded memory of this size.
    case memoryUnavailable(lengthBytes: Int)
}

extension SealingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .libraryUnavailable: "libsodium could not start (no random bytes from the kernel)"
        case .keyLength(let expected, let given): "a key needs \(expected) bytes, \(given) were given"
        case .memoryUnavailable(let length): "no guarded memory of \(length) bytes (see RLIMIT_AS and RLIMIT_MEMLOCK)"
        }
    }
}
