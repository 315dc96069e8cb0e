internal import CLinux

/// Pieces of memory that are written as one frame; the memory under it is the caller's.
@frozen @safe
package struct GatherList: @unchecked Sendable {
    // Sendable: plain numbers, used by the thread that owns the memory.
    let base: UnsafeMutablePointer<weft_piece>
    let capacity: Int

    /// Lays a list over `memory`, 16 bytes a piece.
    package init(_ memory: Bytes) {
        capacity = unsafe memory.count / MemoryLayout<weft_piece>.stride
        unsafe base = memory.base.bindMemory(to: weft_piece.self, capacity: capacity)
    }

    /// The memory of a piece, with `before` bytes in front of it, which belong to the same frame.
    package func memory(_ index: Int, before: Int) -> Bytes {
        assert(index < capacity, "more pieces than the list holds")
        let piece = unsafe base[index]
        let start = unsafe UnsafeMutableRawPointer(mutating: piece.base) - before
        return unsafe Bytes(start, count: piece.bytes &+ before)
    }

    package func set(_ index: Int, _ memory: Bytes, _ offset: Int, _ bytes: Int) {
        assert(index < capacity, "more pieces than the list holds")
        let part = memory.slice(offset, bytes)
        unsafe base[index] = unsafe weft_piece(base: part.base, bytes: part.count)
    }
}
