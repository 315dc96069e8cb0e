// The text that peer names and hardware addresses share: six groups of two hexadecimal digits, joined by colons.

private let digits: [Character] = Array("0123456789abcdef")

/// The canonical text of 48 bits.
func sixGroups(_ bits: UInt64) -> String {
    var text = ""
    for byte in sixBytes(bits) {
        if !text.isEmpty { text.append(":") }
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return text
}

/// The low 48 bits as six bytes, network order.
func sixBytes(_ bits: UInt64) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: bits >> (40 - 8 * UInt64($0))) }
}

/// Six groups of one or two hexadecimal digits, any case; nil for everything else, blanks and signs included.
func parseSixGroups(_ text: some StringProtocol) -> UInt64? {
    var bits: UInt64 = 0
    var groups = 0
    var digitsInGroup = 0
    for byte in text.utf8 {
        if byte == UInt8(ascii: ":") {
            guard digitsInGroup > 0, groups < 5 else { return nil }
            groups += 1
            digitsInGroup = 0
            continue
        }
        guard let value = hexValue(byte), digitsInGroup < 2 else { return nil }
        // The first digit of a group opens it; the second moves it up by four bits.
        let shift = UInt64((5 - groups) * 8)
        let group = (bits >> shift) & 0xff
        bits = (bits & ~(0xff << shift)) | ((group << 4 | UInt64(value)) << shift)
        digitsInGroup += 1
    }
    guard groups == 5, digitsInGroup > 0 else { return nil }
    return bits
}

/// The value of one hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
