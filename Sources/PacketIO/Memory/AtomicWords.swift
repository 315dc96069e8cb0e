public import CLinux

/// 64-bit words that several threads read and write, in memory that outlives them. Debug builds check the index.
@frozen @safe
public struct AtomicWords: @unchecked Sendable {
    // Sendable: every access is atomic.
    @usableFromInline let base: UnsafeMutableRawPointer
    public let count: Int

    /// `base` is aligned to eight bytes.
    @inlinable @inline(__always)
    public init(_ base: UnsafeMutableRawPointer, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    @inlinable @inline(__always)
    func word(_ index: Int) -> UnsafeMutableRawPointer {
        assert(index >= 0 && index < count, "outside of the words")
        return unsafe base + index &* 8
    }

    /// `words` words from `index`.
    @inlinable @inline(__always)
    public func slice(_ index: Int, _ words: Int) -> AtomicWords {
        assert(index >= 0 && words >= 0 && index &+ words <= count, "outside of the words")
        return unsafe AtomicWords(base + index &* 8, count: words)
    }

    /// Acquires: what was written before the value was stored is seen.
    @inlinable @inline(__always)
    public func load(_ index: Int) -> UInt64 { unsafe weft_load(word(index)) }

    /// Releases.
    @inlinable @inline(__always)
    public func store(_ index: Int, _ value: UInt64) { unsafe weft_store(word(index), value) }

    @inlinable @inline(__always)
    public func loadRelaxed(_ index: Int) -> UInt64 { unsafe weft_load_relaxed(word(index)) }

    @inlinable @inline(__always)
    public func storeRelaxed(_ index: Int, _ value: UInt64) { unsafe weft_store_relaxed(word(index), value) }

    /// In one total order with other ordered accesses.
    @inlinable @inline(__always)
    public func loadOrdered(_ index: Int) -> UInt64 { unsafe weft_load_ordered(word(index)) }

    @inlinable @inline(__always)
    public func storeOrdered(_ index: Int, _ value: UInt64) { unsafe weft_store_ordered(word(index), value) }

    @inlinable @inline(__always)
    public func exchange(_ index: Int, _ value: UInt64) -> UInt64 { unsafe weft_exchange(word(index), value) }

    /// Adds, wrapping; returns the value before. Orders nothing.
    @inlinable @inline(__always) @discardableResult
    public func add(_ index: Int, _ value: UInt64) -> UInt64 { unsafe weft_add(word(index), value) }

    /// Stores `desired` if the word is `expected`; whether it did.
    @inlinable @inline(__always)
    public func replace(_ index: Int, _ expected: UInt64, with desired: UInt64) -> Bool {
        unsafe weft_compare_exchange(word(index), expected, desired) != 0
    }
}

extension AtomicWords {
    /// The words that another thread published in two words from `index`: their address and their number.
    ///
    /// The number may be that of an earlier publication; it is only used by debug checks, which is why it is stored
    /// as the largest one there has been.
    @inlinable @inline(__always)
    public init(published words: AtomicWords, _ index: Int) {
        let address = words.loadOrdered(index)
        // Published before any thread starts, hence never zero.
        unsafe self.init(
            UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped,
            count: Int(truncatingIfNeeded: words.loadRelaxed(index &+ 1)))
    }

    /// Publishes `other` in two words from `index`; it must live until no thread can have seen it.
    public func publish(_ index: Int, _ other: AtomicWords) {
        storeRelaxed(index + 1, Swift.max(loadRelaxed(index + 1), UInt64(other.count)))
        unsafe storeOrdered(index, UInt64(UInt(bitPattern: other.base)))
    }
}
