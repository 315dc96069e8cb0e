extension [UInt8] {
    /// Appends an integer, network order.
    @inlinable
    public mutating func appendNetwork(_ value: some FixedWidthInteger & UnsignedInteger) {
        var shift = value.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Appends the six bytes of a name.
    public mutating func append(_ name: PeerName) {
        append(contentsOf: name.bytes)
    }
}
