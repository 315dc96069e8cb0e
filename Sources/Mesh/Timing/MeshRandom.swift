import Wire

/// The source of every random choice of a router, given from outside, so that a conversation can be replayed.
package struct MeshRandom: RandomNumberGenerator, Sendable {
    private var base: any RandomNumberGenerator & Sendable

    package init(_ base: any RandomNumberGenerator & Sendable) {
        self.base = base
    }

    package mutating func next() -> UInt64 {
        base.next()
    }

    /// `count` bytes, eight of each drawn number in turn, lowest first.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var number = next()
            for _ in 0..<min(8, count - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
        }
        return bytes
    }

    /// Uniform in [lower, upper), to the nanosecond.
    package mutating func duration(from lower: Duration, upTo upper: Duration) -> Duration {
        let bounds = lower.wholeNanoseconds..<max(upper.wholeNanoseconds, lower.wholeNanoseconds + 1)
        return .nanoseconds(Int64.random(in: bounds, using: &self))
    }
}
