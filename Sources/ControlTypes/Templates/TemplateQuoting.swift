extension String {
    /// The text as a Go string literal in quotes.
    var goQuoted: String {
        unicodeScalars.reduce(into: "\"") { $0 += $1.goEscaped(within: "\"") } + "\""
    }
}

extension Unicode.Scalar {
    /// `U+0040 '@'`, the character itself only if it shows.
    var goUnicode: String {
        let digits = String(value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        return isShown ? "\(code) '\(self)'" : code
    }

    /// How it is written in a Go literal in such quotes.
    func goEscaped(within quote: Unicode.Scalar) -> String {
        switch self {
        case quote, "\\": return "\\\(self)"
        case "\u{7}": return "\\a"
        case "\u{8}": return "\\b"
        case "\u{c}": return "\\f"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{b}": return "\\v"
        case _ where isShown: return String(self)
        case _ where value < 0x80: return "\\x" + padded(2)
        case _ where value < 0x1_0000: return "\\u" + padded(4)
        default: return "\\U" + padded(8)
        }
    }

    /// Letters, marks, numbers, punctuation, symbols and the ASCII blank.
    private var isShown: Bool {
        if self == " " { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private func padded(_ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
