/// How a JSON text is laid out.
public struct JSONLayout: Hashable, Sendable {
    /// Blanks for each level; 0 writes everything on one line without blanks.
    public var indentation: Int
    /// Whether `<`, `>` and `&` are written as `\u003c` and so on, as the reference router does.
    public var escapesMarkup: Bool

    /// One line, for the wire.
    public static let compact = JSONLayout(indentation: 0, escapesMarkup: false)
    /// For people: two blanks a level.
    public static let readable = JSONLayout(indentation: 2, escapesMarkup: false)
    /// As the reference router writes its report: four blanks a level, markup escaped, no newline at the end.
    public static let report = JSONLayout(indentation: 4, escapesMarkup: true)
    /// As the reference router writes JSON in texts: one line, markup escaped.
    public static let reportLine = JSONLayout(indentation: 0, escapesMarkup: true)
}

extension JSONValue {
    /// The JSON text, without a newline at the end.
    public func text(_ layout: JSONLayout = .compact) -> String {
        var writer = JSONWriter(layout: layout)
        writer.write(self, level: 0)
        return writer.text
    }
}

private struct JSONWriter {
    let layout: JSONLayout
    var text = ""

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .integer(let number): text += String(number)
        case .unsigned(let number): text += String(number)
        case .number(let number): text += String(number)
        case .text(let string): write(quoted: string)
        case .array(let values):
            list("[", "]", of: values, level: level) { writer, value in writer.write(value, level: level + 1) }
        case .object(let members):
            list("{", "}", of: members, level: level) { writer, member in
                writer.write(quoted: member.name)
                writer.text += writer.layout.indentation > 0 ? ": " : ":"
                writer.write(member.value, level: level + 1)
            }
        }
    }

    private mutating func list<Item>(
        _ open: String, _ close: String, of items: [Item], level: Int, each: (inout JSONWriter, Item) -> Void
    ) {
        text += open
        for (position, item) in items.enumerated() {
            if position > 0 { text += "," }
            newLine(level: level + 1)
            each(&self, item)
        }
        if !items.isEmpty { newLine(level: level) }
        text += close
    }

    private mutating func newLine(level: Int) {
        guard layout.indentation > 0 else { return }
        text += "\n" + String(repeating: " ", count: level * layout.indentation)
    }

    private mutating func write(quoted string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "<" where layout.escapesMarkup, ">" where layout.escapesMarkup, "&" where layout.escapesMarkup:
                escape(scalar)
            case "\u{2028}", "\u{2029}": escape(scalar)
            case _ where scalar.value < 0x20: escape(scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
