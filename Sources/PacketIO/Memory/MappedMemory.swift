internal import CLinux

/// Zeroed memory of its own mapping. The owner of what the packet path's windows show.
@safe
public struct MappedMemory: ~Copyable, @unchecked Sendable {
    // Sendable: the mapping is given back by one owner; who may touch its contents is decided there.
    private let base: UnsafeMutableRawPointer
    public let count: Int
    private let isSecret: Bool

    /// Maps `count` bytes. A secret one is locked, kept out of core dumps and wiped in the end.
    public init(count: Int, isSecret: Bool = false) throws(SystemError) {
        guard let base = unsafe weft_map(count, isSecret ? 1 : 0) else {
            throw SystemError(call: "mmap", errno: outOfMemory)
        }
        unsafe self.base = base
        self.count = count
        self.isSecret = isSecret
    }

    /// The whole mapping; valid while this owner lives.
    public var bytes: Bytes { unsafe Bytes(base, count: count) }

    /// The whole mapping as words; valid while this owner lives.
    public var words: AtomicWords { unsafe AtomicWords(base, count: count / 8) }

    /// Zeroes a part in a way that the compiler keeps.
    public func wipe(_ offset: Int, count: Int) {
        let part = bytes.slice(offset, count)
        unsafe weft_wipe(part.base, part.count)
    }

    deinit { unsafe weft_unmap(base, count, isSecret ? 1 : 0) }
}

/// ENOMEM of asm-generic/errno-base.h.
private let outOfMemory: CInt = 12
