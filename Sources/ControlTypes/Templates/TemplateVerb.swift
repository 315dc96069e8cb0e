/// A verb of `printf` with what stands before its letter: `%-5s`.
struct TemplateVerb {
    /// `%v` without anything.
    static let plain = TemplateVerb(letter: "v")

    private static let maximumWidth = 1 << 20
    /// Letters and flags that Go knows and weft does not.
    private static let unknown = Set("eEfFGTpUO*[".unicodeScalars)

    let letter: Unicode.Scalar
    private var isLeft = false
    private var hasSign = false
    private var hasBlank = false
    private var hasZeros = false
    /// `#`: `0x` before `%x`.
    private var isMarked = false
    private var width = 0
    /// Characters of a text, digits of an integer.
    private var precision: Int?

    private init(letter: Unicode.Scalar) {
        self.letter = letter
    }

    /// Reads what stands behind a `%`; nil at the end of the format.
    init?(reading rest: inout Substring.UnicodeScalarView) throws(TemplateFailure) {
        self.init(letter: "v")
        var verb = self
        while let flag = rest.first, "-+ 0#".unicodeScalars.contains(flag) {
            rest.removeFirst()
            switch flag {
            case "-": verb.isLeft = true
            case "+": verb.hasSign = true
            case " ": verb.hasBlank = true
            case "0": verb.hasZeros = true
            default: verb.isMarked = true
            }
        }
        verb.width = try Self.number(&rest) ?? 0
        if rest.first == "." {
            rest.removeFirst()
            verb.precision = try Self.number(&rest) ?? 0
        }
        guard let letter = rest.popFirst() else { return nil }
        guard !Self.unknown.contains(letter) else { throw .refused("printf with %\(letter)") }
        self = verb.with(letter)
        guard !isMarked || letter == "x" || letter == "X" else { throw .refused("printf with %#\(letter)") }
    }

    private func with(_ letter: Unicode.Scalar) -> TemplateVerb {
        var verb = TemplateVerb(letter: letter)
        (verb.isLeft, verb.hasSign, verb.hasBlank) = (isLeft, hasSign, hasBlank)
        (verb.hasZeros, verb.isMarked, verb.width, verb.precision) = (hasZeros && !isLeft, isMarked, width, precision)
        return verb
    }

    private static func number(_ rest: inout Substring.UnicodeScalarView) throws(TemplateFailure) -> Int? {
        var number: Int?
        while let digit = rest.first, digit.isDecimalDigit {
            rest.removeFirst()
            number = (number ?? 0) * 10 + Int(digit.value - 0x30)
            guard number ?? 0 <= maximumWidth else { throw .limit("a width exceeds \(maximumWidth)") }
        }
        return number
    }

    /// `%+v` shows the names of a record's members, and means no sign.
    var namesMembers: Bool { letter == "v" && hasSign }

    /// The value in this form; nil if it has none. Lists and what has members are not for this.
    func text(_ value: TemplateValue) throws(TemplateFailure) -> String? {
        switch (value, letter) {
        case (.absent, "v"), (.off, "v"): return padded("<nil>")
        case (.bool(let flag), "v"), (.bool(let flag), "t"): return padded(String(flag))
        case (.integer(let integer), _): return text(integer.magnitude, isNegative: integer < 0)
        case (.unsigned(let integer), _): return text(integer, isNegative: false)
        case (.float(let float), "v"), (.float(let float), "g"):
            guard precision == nil else { throw .refused("printf of a float with a precision") }
            return number(float.magnitude.goText, isNegative: float.sign == .minus)
        case (.float, "x"), (.float, "X"), (.float, "b"): throw .refused("printf of a float with %\(letter)")
        case (.text(let text), "s"), (.text(let text), "v"): return padded(cut(text))
        case (.text(let text), "q"):
            guard !hasSign else { throw .refused("printf with %+q") }
            return padded(cut(text).goQuoted)
        case (.text(let text), "x"), (.text(let text), "X"):
            guard !hasBlank else { throw .refused("printf with %\u{20}x of a text") }
            return padded(hexadecimal(text))
        default: return nil
        }
    }

    private func cut(_ text: String) -> String {
        precision.map { text.prefix(scalars: $0) } ?? text
    }

    private func hexadecimal(_ text: String) -> String {
        let digits = Array((letter == "X" ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        let bytes = text.utf8.prefix(precision ?? .max)
        let code = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return (isMarked && !code.isEmpty ? "0\(letter)" : "") + String(decoding: code, as: UTF8.self)
    }

    private func text(_ size: UInt64, isNegative: Bool) -> String? {
        switch letter {
        case "v", "d": return number(digits(size, radix: 10), isNegative: isNegative)
        case "b": return number(digits(size, radix: 2), isNegative: isNegative)
        case "o": return number(digits(size, radix: 8), isNegative: isNegative)
        case "x", "X":
            return number(digits(size, radix: 16), isNegative: isNegative, prefix: isMarked ? "0\(letter)" : "")
        case "c", "q":
            let code = isNegative ? nil : UInt32(exactly: size)
            let scalar = code.flatMap(Unicode.Scalar.init) ?? "\u{fffd}"
            return padded(letter == "c" ? String(scalar) : "'\(scalar.goEscaped(within: "'"))'")
        default: return nil
        }
    }

    private func digits(_ size: UInt64, radix: Int) -> String {
        let text = String(size, radix: radix, uppercase: letter == "X")
        return String(repeating: "0", count: max(0, (precision ?? 1) - text.utf8.count)) + text
    }

    /// Zeros go between the sign and the digits.
    private func number(_ digits: String, isNegative: Bool, prefix: String = "") -> String {
        let sign = isNegative ? "-" : hasSign && !namesMembers ? "+" : hasBlank ? " " : ""
        let head = sign + prefix
        guard hasZeros, precision == nil else { return padded(head + digits, zeros: false) }
        return head + String(repeating: "0", count: max(0, width - head.utf8.count - digits.utf8.count)) + digits
    }

    private func padded(_ text: String, zeros: Bool? = nil) -> String {
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        let filling = String(repeating: zeros ?? hasZeros ? "0" : " ", count: missing)
        return isLeft ? text + filling : filling + text
    }
}

extension Double {
    /// The shortest decimal that means this number, laid out as Go does: with an exponent from a million on, and
    /// below 0.0001. Only for what has no sign.
    var goText: String {
        let parts = description.split(separator: "e")
        guard let mantissa = parts.first else { return description }
        let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves.first.map(String.init) ?? ""
        let fraction = halves.count > 1 && halves[1] != "0" ? String(halves[1]) : ""
        var digits = (whole + fraction).drop { $0 == "0" }
        /// Where the point stands, counted from the first digit.
        var point = whole.utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        point -= (whole + fraction).utf8.count - digits.utf8.count
        while digits.last == "0" { digits.removeLast() }
        guard !digits.isEmpty else { return "0" }
        if point <= -4 || point > Self.longestPlain { return exponential(String(digits), point - 1) }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if digits.utf8.count <= point { return digits + String(repeating: "0", count: point - digits.utf8.count) }
        return digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// Digits before the point.
    private static let longestPlain = 6

    private func exponential(_ digits: String, _ exponent: Int) -> String {
        let size = String(exponent.magnitude)
        return digits.prefix(1) + (digits.utf8.count > 1 ? "." + digits.dropFirst() : "")
            + (exponent < 0 ? "e-" : "e+") + (size.utf8.count < 2 ? "0" + size : size)
    }
}
