/// Hashing of keys that are one number: names of peers, numbers of connections. A router looks these up many times for each
/// message, and the standard hash, made for keys of any length, was a tenth of all that it computed.
///
/// One wide multiplication with two secrets of the process: others choose the names of peers, but cannot know which of them
/// meet in a table, and tables hold some thousand names at most.
public enum NumberHash {
    /// From the standard hash, which the process seeds at its start.
    private static let secrets = (
        mask: UInt64(bitPattern: Int64(1.hashValue)),
        // An odd factor loses nothing.
        factor: UInt64(bitPattern: Int64(2.hashValue)) | 1
    )

    /// The hash of a number in a table with this seed: the result of `_rawHashValue(seed:)`, which is what tables ask for.
    public static func value(of number: UInt64, seed: Int) -> Int {
        let secrets = secrets
        let product = (number ^ UInt64(bitPattern: Int64(seed)) ^ secrets.mask).multipliedFullWidth(by: secrets.factor)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}
