extension [UInt8] {
    /// Appends an unsigned number in its shortest form: `7f`, `ff 80`, `fe 01 00`.
    mutating func appendGob(unsigned value: UInt64) {
        guard value >= 128 else {
            append(UInt8(value))
            return
        }
        let count = (71 - value.leadingZeroBitCount) / 8
        append(UInt8(256 - count))
        for index in stride(from: count - 1, through: 0, by: -1) {
            append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    /// Appends a signed number: 0 is `00`, -1 `01`, 1 `02`.
    mutating func appendGob(signed value: Int64) {
        let shifted = UInt64(bitPattern: value) << 1
        appendGob(unsigned: value < 0 ? ~shifted : shifted)
    }

    /// Appends a count and the bytes.
    mutating func appendGob(counted bytes: some Collection<UInt8>) {
        appendGob(unsigned: UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
