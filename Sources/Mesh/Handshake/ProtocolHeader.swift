/// The first seven bytes in both directions: `weave`, the lowest and the highest version spoken.
///
/// `77 65 61 76 65 01 02`: versions 1 to 2.
struct ProtocolHeader {
    static let length = 7
    private static let magic = Array("weave".utf8)

    let minimum: UInt8
    let maximum: UInt8

    init(minimum: UInt8, maximum: UInt8) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Reads exactly `length` bytes; nil if they are not a header.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == ProtocolHeader.length, ProtocolHeader.mayBegin(with: bytes) else { return nil }
        self.init(minimum: bytes[5], maximum: bytes[6])
    }

    /// Whether the first bytes that came, maybe not all of them yet, can be a header's.
    static func mayBegin(with bytes: some Sequence<UInt8>) -> Bool {
        zip(bytes, magic).allSatisfy { $0 == $1 }
    }

    var bytes: [UInt8] { ProtocolHeader.magic + [minimum, maximum] }

    /// The lower of both maxima, unless that is below one of the minima. `00 ff` is fine, an inverted range is not.
    func agreedVersion(with remote: ProtocolHeader) -> UInt8? {
        let version = min(maximum, remote.maximum)
        return version >= max(minimum, remote.minimum) ? version : nil
    }
}
