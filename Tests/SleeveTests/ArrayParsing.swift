import Sleeve
import Wire

// The parsers on arrays. (A span taken inside a macro's expression stops the 6.3.1 compiler.)

extension SleeveDatagram {
    init(_ bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.span)
    }
}

extension SealedBody {
    init(_ bytes: [UInt8]) throws(WireError) {
        try self.init(parsing: bytes.span)
    }
}

extension SleeveBody {
    init(_ bytes: [UInt8]) {
        self.init(parsing: bytes.span)
    }
}

extension SleeveEvent {
    init?(_ frame: [UInt8], from source: Endpoint) {
        self.init(specialFrame: frame.span, from: source)
    }
}
