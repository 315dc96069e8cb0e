internal import CSodium

/// Memory for secrets: between guard pages, locked against swapping where the limit on locked memory allows, left out
/// of core dumps, and zeroed when released.
///
/// One owner at a time, since it cannot be copied. A `count` that is a multiple of 64 makes `base` aligned to 64.
@safe public struct LockedBytes: ~Copyable, @unchecked Sendable {
    // Sendable: the memory belongs to this value alone, and a value that cannot be copied is on one thread at a time
    // unless it is borrowed; borrowers agree on who writes, as with every pointer.

    /// The first byte; valid while this value lives.
    public let base: UnsafeMutableRawPointer
    /// How many bytes, as asked for.
    public let count: Int

    /// `count` zero bytes.
    public init(count: Int) throws(SealingError) {
        guard Sodium.isReady else { throw .libraryUnavailable }
        guard count >= 0, let memory = unsafe sodium_malloc(count) else { throw .memoryUnavailable(lengthBytes: count) }
        unsafe sodium_memzero(memory, count)
        unsafe base = memory
        self.count = count
    }

    /// A copy of `bytes`. The array itself stays with the caller.
    public init(copying bytes: [UInt8]) throws(SealingError) {
        try self.init(count: bytes.count)
        for (offset, byte) in bytes.enumerated() {
            unsafe base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
    }

    deinit {
        // Zeroes before it unmaps, and stops the process if something wrote in front of the memory.
        unsafe sodium_free(base)
    }

    /// A copy of the contents, in ordinary memory.
    public borrowing func copy() -> [UInt8] {
        (0..<count).map { unsafe base.load(fromByteOffset: $0, as: UInt8.self) }
    }
}
