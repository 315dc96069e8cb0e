internal import CSodium

/// Random bytes of the kernel, fit for keys.
public struct SystemRandom: RandomNumberGenerator, Sendable {
    public init() {}

    public mutating func next() -> UInt64 {
        var value: UInt64 = 0
        unsafe randombytes_buf(&value, MemoryLayout<UInt64>.size)
        return value
    }

    /// `count` random bytes; none for a negative count.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        unsafe randombytes_buf(&bytes, bytes.count)
        return bytes
    }
}
