import Glibc
import HostNetwork

/// Why the daemon could not start, in words that name the object, the cause and what to do.
public struct ControlPlaneError: Error, Sendable, CustomStringConvertible {
    public let description: String

    static func cannot(_ what: String, _ why: String) -> ControlPlaneError {
        ControlPlaneError(description: "cannot \(what): \(why)")
    }

    static func wrapping<Value: ~Copyable>(
        _ body: () throws(HostNetworkError) -> Value
    ) throws(ControlPlaneError) -> Value {
        do throws(HostNetworkError) {
            return try body()
        } catch {
            throw ControlPlaneError(description: error.description)
        }
    }
}

/// An error number in words.
func errnoWords(_ code: CInt) -> String {
    unsafe String(cString: strerror(code))
}
