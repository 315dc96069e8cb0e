import Glibc

/// The text of an error number.
enum ErrnoText {
    static func describe(_ code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused: nothing listens there"
        case EHOSTUNREACH: "no route to host"
        case ENETUNREACH: "network is unreachable"
        case ECONNRESET: "connection reset by peer"
        case ETIMEDOUT: "timed out"
        case EADDRINUSE: "address already in use"
        case EADDRNOTAVAIL: "no interface has this address"
        case EACCES, EPERM: "permission denied"
        case EPIPE: "broken pipe"
        default: "error \(code)"
        }
    }
}
