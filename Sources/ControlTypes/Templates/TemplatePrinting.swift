extension TemplateRun {
    /// The values behind each other: blanks where both neighbours are no texts, or everywhere and a line's end.
    mutating func plain(_ values: [TemplateValue], isLine: Bool = false) throws(TemplateFailure) -> String {
        var text = BoundedText(maximum: limits.output)
        var wasText = true
        for (position, value) in values.enumerated() {
            var isText = false
            if case .text = value { isText = true }
            if position > 0, isLine || (!isText && !wasText) { try text.add(" ") }
            try text.add(value, TemplateVerb.plain)
            wasText = isText
        }
        if isLine { try text.add("\n") }
        try spend(text.size)
        return text.text
    }

    /// `printf`: what does not fit its verb is shown as Go shows it, `%!d(string=a)`; what Go can do and weft cannot is
    /// refused, so that nothing wrong is printed.
    mutating func formatted(by format: String, _ values: [TemplateValue]) throws(TemplateFailure) -> String {
        var text = BoundedText(maximum: limits.output)
        var rest = format.unicodeScalars[...]
        var unused = values[...]
        while let percent = rest.firstIndex(of: "%") {
            try text.add(String(rest[..<percent]))
            rest = rest[percent...].dropFirst()
            guard let verb = try TemplateVerb(reading: &rest) else {
                try text.add("%!(NOVERB)")
                break
            }
            if verb.letter == "%" {
                try text.add("%")
            } else if let value = unused.popFirst() {
                try text.add(value, verb)
            } else {
                try text.add("%!\(verb.letter)(MISSING)")
            }
        }
        try text.add(String(rest))
        if !unused.isEmpty {
            try text.add("%!(EXTRA ")
            for (position, value) in unused.enumerated() {
                if position > 0 { try text.add(", ") }
                try text.addTyped(value)
            }
            try text.add(")")
        }
        try spend(text.size)
        return text.text
    }
}

/// A text that does not grow without end.
private struct BoundedText {
    let maximum: Int
    private(set) var text = ""

    init(maximum: Int) {
        self.maximum = maximum
    }

    var size: Int { text.utf8.count }

    mutating func add(_ more: String) throws(TemplateFailure) {
        guard size + more.utf8.count <= maximum else { throw .limit("a text exceeds \(maximum) bytes") }
        text += more
    }

    mutating func add(_ value: TemplateValue, _ verb: TemplateVerb) throws(TemplateFailure) {
        switch value {
        case .list(let items, _):
            try addList("[", items, "]") { text, item throws(TemplateFailure) in try text.add(item, verb) }
        case .record(let members):
            try addList("{", members, "}") { text, member throws(TemplateFailure) in
                if verb.namesMembers { try text.add(member.name + ":") }
                try text.add(member.value, verb)
            }
        case .map(let members, _):
            try addList("map[", members, "]") { text, member throws(TemplateFailure) in
                try text.add(.text(member.name), verb)
                try text.add(":")
                // What is no value shows like this with any verb.
                if member.value == .absent { try text.add("<nil>") } else { try text.add(member.value, verb) }
            }
        default:
            if let shown = try verb.text(value) { return try add(shown) }
            try add("%!\(verb.letter)(")
            try addTyped(value)
            try add(")")
        }
    }

    /// `string=a`, or `<nil>`.
    mutating func addTyped(_ value: TemplateValue) throws(TemplateFailure) {
        switch value {
        case .absent, .off: break
        default: try add(value.typeName + "=")
        }
        try add(value, .plain)
    }

    private mutating func addList<Item>(
        _ open: String, _ items: [Item], _ close: String,
        each: (inout BoundedText, Item) throws(TemplateFailure) -> Void
    ) throws(TemplateFailure) {
        try add(open)
        for (position, item) in items.enumerated() {
            if position > 0 { try add(" ") }
            try each(&self, item)
        }
        try add(close)
    }
}
