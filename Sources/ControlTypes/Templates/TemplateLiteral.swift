/// Literals of the template language, which are Go's.
enum TemplateLiteral {
    /// What a token that is a text, a character or a number means.
    static func operand(_ token: TemplateToken) throws(TemplateComplaint) -> TemplateOperand {
        switch token.kind {
        case .quoted: return .literal(.text(try text(token.text)))
        case .character: return .literal(.integer(try character(token.text)))
        default:
            switch try number(token.text) {
            case .integer(let number): return .literal(.integer(number))
            case .float(let number): return .literal(.float(number))
            case .tooLarge: return .tooLarge(token.text)
            }
        }
    }

    /// Bytes that are no UTF-8, which Go allows, become U+FFFD.
    private static func text(_ literal: String) throws(TemplateComplaint) -> String {
        guard let parts = bytes(of: literal, quote: "\"") else { throw .invalidSyntax }
        return String(decoding: parts.joined(), as: UTF8.self)
    }

    /// What one character in `'` counts.
    private static func character(_ literal: String) throws(TemplateComplaint) -> Int64 {
        guard let parts = bytes(of: literal, quote: "'"), let part = parts.first else { throw .invalidSyntax }
        guard parts.count == 1 else { throw TemplateComplaint("malformed character constant: \(literal)") }
        // `'\377'` is a byte, not its UTF-8.
        if part.count == 1, let byte = part.first { return Int64(byte) }
        return String(decoding: part, as: UTF8.self).unicodeScalars.first.map { Int64($0.value) } ?? 0
    }

    /// One list of bytes for each character.
    private static func bytes(of literal: String, quote: Unicode.Scalar) -> [[UInt8]]? {
        var rest = Array(literal.unicodeScalars)[...]
        guard rest.popFirst() == quote, rest.popLast() == quote else { return nil }
        var parts: [[UInt8]] = []
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                parts.append(Array(String(scalar).utf8))
                continue
            }
            guard let part = escaped(&rest, quote: quote) else { return nil }
            parts.append(part)
        }
        return parts
    }

    private static func escaped(_ rest: inout ArraySlice<Unicode.Scalar>, quote: Unicode.Scalar) -> [UInt8]? {
        guard let kind = rest.popFirst() else { return nil }
        switch kind {
        case "a": return [7]
        case "b": return [8]
        case "f": return [12]
        case "n": return [10]
        case "r": return [13]
        case "t": return [9]
        case "v": return [11]
        case "\\", quote: return Array(String(kind).utf8)
        case "x": return number(&rest, digits: 2, radix: 16).flatMap { UInt8(exactly: $0) }.map { [$0] }
        case "u", "U":
            let value = number(&rest, digits: kind == "u" ? 4 : 8, radix: 16)
            return value.flatMap(Unicode.Scalar.init).map { Array(String($0).utf8) }
        case "0"..."7":
            rest = [kind] + rest
            return number(&rest, digits: 3, radix: 8).flatMap { UInt8(exactly: $0) }.map { [$0] }
        default: return nil
        }
    }

    private static func number(_ rest: inout ArraySlice<Unicode.Scalar>, digits: Int, radix: Int) -> UInt32? {
        guard rest.count >= digits else { return nil }
        let text = rest.prefix(digits).map { String($0) }.joined()
        rest.removeFirst(digits)
        // A sign would be read too.
        return text.first == "+" || text.first == "-" ? nil : UInt32(text, radix: radix)
    }

    private enum Number {
        case integer(Int64)
        case float(Double)
        /// More than 64 bits with a sign hold: refused only where it is used.
        case tooLarge
    }

    private static func number(_ literal: String) throws(TemplateComplaint) -> Number {
        guard isGrouped(literal) else { throw .illegalNumber(literal) }
        let plain = literal.filter { $0 != "_" }
        let isNegative = plain.hasPrefix("-")
        let size = isNegative || plain.hasPrefix("+") ? plain.dropFirst() : plain[...]
        let (digits, radix) = splitBase(size)
        if !digits.isEmpty, digits.allSatisfy({ $0.hexDigitValue.map { $0 < radix } ?? false }) {
            guard let magnitude = UInt64(digits, radix: radix) else {
                throw TemplateComplaint("integer overflow: \(literal.goQuoted)")
            }
            guard isNegative else { return Int64(exactly: magnitude).map(Number.integer) ?? .tooLarge }
            return magnitude <= 1 << 63 ? .integer(Int64(truncatingIfNeeded: 0 &- magnitude)) : .tooLarge
        }
        guard let value = Double(plain), value.isFinite else { throw .illegalNumber(literal) }
        return .float(value)
    }

    /// `0x1f`, `0o17`, `017` and `0b1` without what tells the base.
    private static func splitBase(_ text: Substring) -> (digits: Substring, radix: Int) {
        switch text.prefix(2).lowercased() {
        case "0x": (text.dropFirst(2), 16)
        case "0o": (text.dropFirst(2), 8)
        case "0b": (text.dropFirst(2), 2)
        default: (text, text.count > 1 && text.hasPrefix("0") ? 8 : 10)
        }
    }

    /// Whether each `_` stands between digits, or behind a base's letter.
    private static func isGrouped(_ literal: String) -> Bool {
        let characters = Array(literal)
        return characters.indices.allSatisfy { position in
            guard characters[position] == "_" else { return true }
            return position > 0 && position + 1 < characters.count && characters[position + 1].isHexDigit
                && (characters[position - 1].isHexDigit || "xXoObB".contains(characters[position - 1]))
        }
    }
}

/// What is wrong with a template, without its place.
struct TemplateComplaint: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    static let invalidSyntax = TemplateComplaint("invalid syntax")

    static func illegalNumber(_ literal: String) -> TemplateComplaint {
        TemplateComplaint("illegal number syntax: \(literal.goQuoted)")
    }
}
