/// The eight bytes in front of a sealed body: a number, and in the top bit whether the sender set DF.
///
/// Both kinds count on their own from 0, and each value is part of the nonce: none is ever used twice.
/// DF datagram 5 is `80 00 00 00 00 00 00 05`.
public struct SealedSequence: Hashable, Sendable {
    /// The bit that says "sent with DF", a statement of the sender.
    public static var dontFragmentBit: UInt64 { 1 << 63 }

    /// As on the wire, host order.
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// `number` modulo 2^63.
    public init(number: UInt64, dontFragment: Bool) {
        rawValue = number & ~Self.dontFragmentBit | (dontFragment ? Self.dontFragmentBit : 0)
    }

    /// The count of its kind, 0 for the first.
    public var number: UInt64 { rawValue & ~Self.dontFragmentBit }
    /// Which of the two counters, and which of the receiver's replay windows.
    public var dontFragment: Bool { rawValue & Self.dontFragmentBit != 0 }
}
