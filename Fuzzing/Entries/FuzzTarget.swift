/// One parser, or state machine, and how to give it hostile bytes.
///
/// A target that returns has kept its promises. Traps and sanitizers are the fuzzer's to notice; what else must hold is
/// said by `promise`.
public struct FuzzTarget: Sendable {
    /// The name of its folders in `Fuzzing/corpora` and `Fuzzing/findings`.
    public let name: String
    /// Inputs that the fuzzer makes are at most as long.
    public let maximumBytes: Int
    public let run: @Sendable ([UInt8]) throws(BrokenPromise) -> Void

    init(_ name: String, maximumBytes: Int = 4_096, _ run: @escaping @Sendable ([UInt8]) throws(BrokenPromise) -> Void)
    {
        self.name = name
        self.maximumBytes = maximumBytes
        self.run = run
    }

    /// A target that promises no more than `isKept`, to test what runs targets.
    public static func demanding(_ isKept: @escaping @Sendable ([UInt8]) -> Bool) -> FuzzTarget {
        FuzzTarget("demanding") { bytes throws(BrokenPromise) in
            try promise(isKept(bytes), "the bytes are acceptable")
        }
    }

    public static func named(_ name: String) -> FuzzTarget? {
        all.first { $0.name == name }
    }
}

/// What a target promises and did not keep, in a sentence.
public struct BrokenPromise: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// `isKept` must be true, whatever the bytes were.
func promise(_ isKept: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
    guard isKept else { throw BrokenPromise(what()) }
}
