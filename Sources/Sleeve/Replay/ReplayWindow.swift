/// Which sequence numbers of one kind have been accepted: two bitmaps of 2^16 numbers, the newest window and the one
/// before it, so that acceptance reaches back between 2^16 and 2^17 - 1 numbers.
///
/// The reference router has 2^20 numbers a window, half a mebibyte a neighbour; the wire does not show the difference,
/// and 65,536 datagrams are far more than queues and cores put out of order.
///
/// Give it only numbers of datagrams that have opened: a forged one must not move the window. One thread owns it.
@safe public struct ReplayWindow: ~Copyable, @unchecked Sendable {
    // Sendable: the memory belongs to this value alone, which cannot be copied.
    private let memory: UnsafeMutableRawPointer

    /// An empty window.
    public init() {
        unsafe memory = .allocate(byteCount: ReplayWindow.memoryBytes, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: ReplayWindow.memoryBytes)
    }

    deinit {
        unsafe memory.deallocate()
    }

    /// Whether `number` is new and not too old; remembers it.
    public mutating func accept(_ number: UInt64) -> Bool {
        unsafe ReplayWindow.accept(number, in: memory)
    }
}

// The same on memory of the caller: the packet plane keeps windows in its table of neighbours.
extension ReplayWindow {
    /// Memory of one window, aligned to 8. All zeros is the empty window.
    public static var memoryBytes: Int { bitmapOffset + 2 * bitmapBytes }

    /// `accept` on `memoryBytes` bytes at `window`. The DF bit does not count: give each kind a window of its own.
    public static func accept(_ number: UInt64, in window: UnsafeMutableRawPointer) -> Bool {
        let number = number & ~SealedSequence.dontFragmentBit
        let epoch = number >> 16
        let newest = unsafe window.load(as: UInt64.self)
        // Neither sum overflows: epochs have 47 bits.
        if epoch &+ 1 < newest { return false }
        if epoch > newest {
            // The bitmap of an epoch is that of its lowest bit: the one that falls out is the one that is reused.
            unsafe clear(epoch & 1, in: window)
            if epoch > newest &+ 1 { unsafe clear(~epoch & 1, in: window) }
            unsafe window.storeBytes(of: epoch, as: UInt64.self)
        }
        let offset =
            bitmapOffset &+ Int(truncatingIfNeeded: epoch & 1) &* bitmapBytes
            &+ Int(truncatingIfNeeded: (number & 0xffff) >> 6) &* 8
        let word = unsafe window.load(fromByteOffset: offset, as: UInt64.self)
        let bit = UInt64(1) &<< (number & 63)
        guard word & bit == 0 else { return false }
        unsafe window.storeBytes(of: word | bit, toByteOffset: offset, as: UInt64.self)
        return true
    }

    /// Behind the newest epoch, on a cache line of its own.
    private static var bitmapOffset: Int { 64 }
    private static var bitmapBytes: Int { 1 << 13 }

    private static func clear(_ half: UInt64, in window: UnsafeMutableRawPointer) {
        let start = unsafe window + bitmapOffset + Int(truncatingIfNeeded: half) &* bitmapBytes
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: bitmapBytes)
    }
}
