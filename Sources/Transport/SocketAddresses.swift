import NIOCore
import Wire

extension Endpoint {
    /// The endpoint of an IP socket; nil for anything else.
    init?(_ address: SocketAddress?) {
        guard let address, let ip = address.ipAddress, let port = address.port, let number = UInt16(exactly: port),
            let parsed = IPAddress(text: ip.split(separator: "%").first.map { String($0) } ?? ip)
        else { return nil }
        self.init(parsed, PortNumber(rawValue: number))
    }
}

/// The reason of a failed system call or connection in words, without the library's wrapping.
func words(of error: any Error) -> String {
    switch error {
    case let error as IOError:
        return ErrnoText.describe(error.errnoCode)
    case let error as ChannelError:
        if case .connectTimeout(let amount) = error {
            return "no answer within \(amount.nanoseconds / 1_000_000_000) s: is the host up, and is TCP let through?"
        }
        return "\(error)"
    default:
        return "\(error)"
    }
}
