// Netlink speaks the byte order of the host, except where an attribute says otherwise.

extension [UInt8] {
    /// Appends an integer, host order.
    mutating func appendHost(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        for index in 0..<size { append(UInt8(truncatingIfNeeded: value >> (8 * hostShift(index, of: size)))) }
    }

    /// Overwrites an integer, host order; the caller has written that many bytes at `offset` before.
    mutating func replaceHost(_ value: some FixedWidthInteger, at offset: Int) {
        let size = value.bitWidth / 8
        precondition(offset >= 0 && offset + size <= count, "only bytes already written can be replaced")
        for index in 0..<size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * hostShift(index, of: size)))
        }
    }

    /// Pads with zeros to a multiple of four bytes (`NLMSG_ALIGN` and `NLA_ALIGN`, linux/netlink.h).
    mutating func alignToFour() {
        while !count.isMultiple(of: 4) { append(0) }
    }

    /// An integer of `size` bytes (1 to 8) at `offset`, host order; the caller has checked that they are there.
    func hostInteger(_ size: Int, at offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(self[offset + index]) << UInt64(8 * hostShift(index, of: size)) }
        return value
    }

    func hostUInt16(at offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: hostInteger(2, at: offset)) }
    func hostUInt32(at offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: hostInteger(4, at: offset)) }
    func hostInt32(at offset: Int) -> Int32 { Int32(bitPattern: hostUInt32(at: offset)) }
}

extension Span<UInt8> {
    /// An integer of `size` bytes (1 to 8) at `offset`, host order; the caller has checked that they are there.
    func hostInteger(_ size: Int, at offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(self[offset + index]) << UInt64(8 * hostShift(index, of: size)) }
        return value
    }

    /// The same in network order.
    func networkInteger(_ size: Int, at offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<size { value = value << 8 | UInt64(self[offset + index]) }
        return value
    }

    func hostUInt16(at offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: hostInteger(2, at: offset)) }
    func hostUInt32(at offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: hostInteger(4, at: offset)) }

    /// The bytes of a range, copied.
    func copy(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: range.count) { output in
            for index in range { output.append(self[index]) }
        }
        return bytes
    }
}

/// `length` rounded up to four; nil when that does not fit.
func alignedToFour(_ length: Int) -> Int? {
    let (sum, overflow) = length.addingReportingOverflow(3)
    return overflow ? nil : sum & ~3
}

/// By how many bytes the byte at `index` of an integer of `size` bytes is shifted.
private func hostShift(_ index: Int, of size: Int) -> Int {
    #if _endian(big)
        size - 1 - index
    #else
        index
    #endif
}
