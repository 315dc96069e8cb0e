/// A piece of a template's text, with the line that it begins in.
struct TemplateToken: Equatable {
    enum Kind: Equatable {
        /// What stands outside of `{{` and `}}`.
        case text
        case open, close
        /// Blanks and line ends within an action; they separate operands.
        case blank
        case dot, field, variable, identifier, keyword, boolean, absent
        case number, character, quoted, raw
        case declare, assign, pipe, leftParenthesis, rightParenthesis
        /// Another ASCII character, such as `,`.
        case punctuation
        case end
        /// No token: `text` says what is wrong.
        case broken
    }

    var kind: Kind
    /// As it was written; of a field and a variable with its `.` and `$`.
    var text: String
    var line: Int

    /// How Go's messages name it: `"1"`, `<if>`, `EOF`.
    var shown: String {
        switch kind {
        case .end: "EOF"
        case .broken: text
        case .keyword, .dot, .absent: "<\(text)>"
        default: text.unicodeScalars.count > 10 ? "\(text.prefix(scalars: 10).goQuoted)..." : text.goQuoted
        }
    }
}

extension String {
    func prefix(scalars count: Int) -> String { String(unicodeScalars.prefix(count)) }
}

/// Tokens, and which one is next.
struct TemplateTokens {
    private let tokens: [TemplateToken]
    private var position = 0

    init(_ tokens: [TemplateToken]) {
        self.tokens = tokens
    }

    /// Where the token begins that was read last.
    var line: Int {
        position > 0 && position <= tokens.count ? tokens[position - 1].line : tokens.last?.line ?? 1
    }

    /// The last token stays: nothing is read behind it.
    func peek() -> TemplateToken {
        position < tokens.count ? tokens[position] : tokens.last ?? TemplateToken(kind: .end, text: "", line: 1)
    }

    mutating func next() -> TemplateToken {
        let token = peek()
        position += 1
        return token
    }

    mutating func back() {
        position -= 1
    }

    mutating func skipBlanks() {
        while peek().kind == .blank { position += 1 }
    }

    mutating func nextVisible() -> TemplateToken {
        skipBlanks()
        return next()
    }

    mutating func peekVisible() -> TemplateToken {
        skipBlanks()
        return peek()
    }
}
