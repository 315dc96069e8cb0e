/// Where the user, or discovery, wants a connection to.
public struct Target: Hashable, Sendable {
    /// As the user wrote it (`host`, `host:port`), or the canonical text of a discovered endpoint.
    public let text: String
    /// A name or an address.
    public let host: String
    /// nil: the port of this router.
    public let port: PortNumber?

    /// Parses `host`, `host:port`, `10.0.0.1:6783`; nil with an empty host or a bad port.
    public init?(text: String) {
        guard let colon = text.firstIndex(of: ":") else {
            guard !text.isEmpty, Target.isHost(text) else { return nil }
            self.init(text: text, host: text, port: nil)
            return
        }
        let host = String(text[..<colon])
        guard Target.isHost(host), let port = PortNumber(text: text[text.index(after: colon)...]) else { return nil }
        self.init(text: text, host: host, port: port)
    }

    /// A discovered endpoint.
    public init(_ endpoint: Endpoint) {
        self.init(text: endpoint.description, host: endpoint.address.description, port: endpoint.port)
    }

    private init(text: String, host: String, port: PortNumber?) {
        self.text = text
        self.host = host
        self.port = port
    }

    /// Letters, digits, dots, dashes and underscores; anything else cannot be a host's name or IPv4 address.
    private static func isHost(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
