/// Cuts a template into tokens, as Go's language documentation describes them.
struct TemplateLexer {
    private static let keywords: Set<String> = [
        "if", "else", "end", "range", "with", "break", "continue", "define", "template", "block",
    ]

    private let scalars: [Unicode.Scalar]
    private var offset = 0
    private var line = 1
    private var start = 0
    private var startLine = 1
    private var openParentheses = 0
    private var tokens: [TemplateToken] = []

    /// All tokens; the last one is `end` or `broken`.
    static func tokens(of text: String) -> [TemplateToken] {
        var lexer = TemplateLexer(scalars: Array(text.unicodeScalars))
        lexer.run()
        return lexer.tokens
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private mutating func run() {
        var place = Place.text
        while true {
            switch place {
            case .text: place = readText()
            case .action: place = readAction() ? .text : .over
            case .over: return
            }
        }
    }

    private enum Place { case text, action, over }

    // MARK: Outside of actions

    /// Reads up to and with the next `{{`, and a comment if that is one. Returns where this ends.
    private mutating func readText() -> Place {
        while peek() != nil, !isNext("{{") { advance() }
        let isAction = peek() != nil
        let trims = isAction && peek(2) == "-" && peek(3)?.isTemplateBlank == true
        var kept = scalars[start..<offset]
        if trims { while kept.last?.isTemplateBlank == true { kept.removeLast() } }
        if !kept.isEmpty {
            tokens.append(TemplateToken(kind: .text, text: Self.string(kept), line: startLine))
        }
        begin()
        guard isAction else {
            add(.end)
            return .over
        }
        advance(by: 2)
        if isNext("/*", at: trims ? 2 : 0) { return skipComment(trims ? 4 : 2) ? .text : .over }
        add(.open)
        if trims { advance(by: 2) }
        return .action
    }

    /// Skips `/* ... */}}`, which has to end there.
    private mutating func skipComment(_ prefix: Int) -> Bool {
        advance(by: prefix)
        while peek() != nil, !isNext("*/") { advance() }
        guard peek() != nil else { return fail("unclosed comment") }
        advance(by: 2)
        guard skipClose() else { return fail("comment ends before closing delimiter") }
        return true
    }

    /// Skips `}}`, or ` -}}` and the blanks behind it.
    private mutating func skipClose() -> Bool {
        if isNext("}}") {
            advance(by: 2)
        } else if isTrimmingClose {
            advance(by: 4)
            while peek()?.isTemplateBlank == true { advance() }
        } else {
            return false
        }
        begin()
        return true
    }

    private var isTrimmingClose: Bool { peek()?.isTemplateBlank == true && isNext("-}}", at: 1) }

    // MARK: Within an action

    /// Reads up to and with `}}`; false if the template is broken or ends.
    private mutating func readAction() -> Bool {
        openParentheses = 0
        while true {
            begin()
            if isNext("}}") || isTrimmingClose {
                guard openParentheses == 0 else { return fail("unclosed left paren") }
                tokens.append(TemplateToken(kind: .close, text: "}}", line: line))
                return skipClose()
            }
            guard let scalar = peek() else { return fail("unclosed action") }
            guard readToken(scalar) else { return false }
        }
    }

    private mutating func readToken(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case _ where scalar.isTemplateBlank:
            while peek()?.isTemplateBlank == true, !isTrimmingClose { advance() }
            return add(.blank)
        case "=": return addSingle(.assign)
        case "|": return addSingle(.pipe)
        case ":":
            guard isNext(":=") else { return fail("expected :=") }
            advance(by: 2)
            return add(.declare)
        case "(":
            openParentheses += 1
            return addSingle(.leftParenthesis)
        case ")":
            openParentheses -= 1
            return addSingle(.rightParenthesis)
        case "\"": return readQuoted(scalar, .quoted, "unterminated quoted string")
        case "'": return readQuoted(scalar, .character, "unterminated character constant")
        case "`": return readRaw()
        case ".": return peek(1)?.isDecimalDigit == true ? readNumber() : readName(.field, alone: .dot)
        case "$": return readName(.variable, alone: .variable)
        case "+", "-": return readNumber()
        case _ where scalar.isDecimalDigit: return readNumber()
        case _ where scalar.isTemplateLetter: return readWord()
        case _ where scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f: return addSingle(.punctuation)
        default: return fail("unrecognized character in action: \(scalar.goUnicode)")
        }
    }

    /// `.Name` or `$name`, or only its first character.
    private mutating func readName(_ kind: TemplateToken.Kind, alone: TemplateToken.Kind) -> Bool {
        advance()
        guard !isAtTerminator else { return add(alone) }
        while peek()?.isTemplateLetter == true { advance() }
        guard isAtTerminator else { return failAtCharacter() }
        return add(kind)
    }

    private mutating func readWord() -> Bool {
        while peek()?.isTemplateLetter == true { advance() }
        guard isAtTerminator else { return failAtCharacter() }
        switch Self.string(scalars[start..<offset]) {
        case let word where Self.keywords.contains(word): return add(.keyword)
        case "true", "false": return add(.boolean)
        case "nil": return add(.absent)
        default: return add(.identifier)
        }
    }

    /// The characters of a number; whether they make one is for ``TemplateLiteral``.
    private mutating func readNumber() -> Bool {
        if peek() == "+" || peek() == "-" { advance() }
        var isDigit: (Unicode.Scalar) -> Bool = { $0.isDecimalDigit || $0 == "_" }
        var exponent: Set<Unicode.Scalar> = ["e", "E"]
        if peek() == "0", let base = peek(1), "xXoObB".unicodeScalars.contains(base) {
            advance(by: 2)
            let isHexadecimal = base == "x" || base == "X"
            if isHexadecimal { isDigit = { $0.properties.isASCIIHexDigit || $0 == "_" } }
            exponent = isHexadecimal ? ["p", "P"] : []
        }
        while let next = peek(), isDigit(next) { advance() }
        if peek() == "." {
            advance()
            while let next = peek(), isDigit(next) { advance() }
        }
        if let next = peek(), exponent.contains(next) {
            advance()
            if peek() == "+" || peek() == "-" { advance() }
            while let next = peek(), next.isDecimalDigit || next == "_" { advance() }
        }
        if let next = peek(),
            next.isTemplateLetter || ((next == "+" || next == "-") && scalars[offset - 1].isTemplateLetter)
        {
            advance()
            return fail("bad number syntax: \(Self.string(scalars[start..<offset]).goQuoted)")
        }
        return add(.number)
    }

    private mutating func readQuoted(
        _ quote: Unicode.Scalar, _ kind: TemplateToken.Kind, _ complaint: String
    ) -> Bool {
        advance()
        while let next = peek(), next != "\n" {
            advance()
            if next == quote { return add(kind) }
            if next == "\\" {
                guard let escaped = peek(), escaped != "\n" else { break }
                advance()
            }
        }
        return fail(complaint)
    }

    private mutating func readRaw() -> Bool {
        advance()
        while let next = peek() {
            advance()
            if next == "`" { return add(.raw) }
        }
        return fail("unterminated raw quoted string")
    }

    // MARK: Reading

    /// Whether what is next may follow a name.
    private var isAtTerminator: Bool {
        guard let next = peek() else { return true }
        return next.isTemplateBlank || ".,|:)(".unicodeScalars.contains(next) || isNext("}}")
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        offset + distance < scalars.count ? scalars[offset + distance] : nil
    }

    private func isNext(_ text: String, at distance: Int = 0) -> Bool {
        var position = offset + distance
        for scalar in text.unicodeScalars {
            guard position < scalars.count, scalars[position] == scalar else { return false }
            position += 1
        }
        return true
    }

    /// Goes on, not behind the end.
    private mutating func advance(by count: Int = 1) {
        let end = min(offset + count, scalars.count)
        while offset < end {
            if scalars[offset] == "\n" { line += 1 }
            offset += 1
        }
    }

    private mutating func begin() {
        start = offset
        startLine = line
    }

    @discardableResult
    private mutating func add(_ kind: TemplateToken.Kind) -> Bool {
        tokens.append(TemplateToken(kind: kind, text: Self.string(scalars[start..<offset]), line: startLine))
        return true
    }

    private mutating func addSingle(_ kind: TemplateToken.Kind) -> Bool {
        advance()
        return add(kind)
    }

    private mutating func fail(_ complaint: String) -> Bool {
        tokens.append(TemplateToken(kind: .broken, text: complaint, line: startLine))
        return false
    }

    private mutating func failAtCharacter() -> Bool {
        fail("bad character \(peek().map(\.goUnicode) ?? "")")
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }
}

extension Unicode.Scalar {
    var isTemplateBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\n" }
    var isDecimalDigit: Bool { ("0"..."9").contains(self) }
    /// Letters, digits and `_`: what names are made of.
    var isTemplateLetter: Bool {
        if isASCII { return self == "_" || isDecimalDigit || properties.isAlphabetic }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
            return true
        default: return false
        }
    }
}
