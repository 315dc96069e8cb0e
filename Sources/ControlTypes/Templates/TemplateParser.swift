/// Reads a template's tokens into a tree. What is wrong is told in the words of Go's parser, which tools may look for.
struct TemplateParser {
    /// Blocks and parentheses within each other. Reading and running recurse as deep.
    private static let maximumDepth = 64

    private var tokens: TemplateTokens
    /// Names with their `$`, the innermost last.
    private var variables = ["$"]
    private var loops = 0
    private var depth = 0
    /// Where the action began that is being read.
    private var actionLine: Int?

    static func nodes(of text: String) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(tokens: TemplateLexer.tokens(of: text))
        let (nodes, last) = try parser.list()
        guard last == .end else { throw parser.error("unexpected {{\(last == .otherwise ? "else" : "end")}}") }
        return nodes
    }

    private init(tokens: [TemplateToken]) {
        self.tokens = TemplateTokens(tokens)
    }

    // MARK: Blocks

    /// What a list of nodes ended with: the end of the text, `{{end}}`, `{{else}}`.
    private enum Terminator { case end, blockEnd, otherwise }

    private mutating func list() throws(TemplateError) -> ([TemplateNode], Terminator) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        var nodes: [TemplateNode] = []
        while true {
            let token = tokens.next()
            switch token.kind {
            case .text: nodes.append(.text(token.text))
            case .open:
                actionLine = token.line
                if let terminator = try action(&nodes) { return (nodes, terminator) }
                actionLine = nil
            case .end: return (nodes, .end)
            default: throw unexpected(token, "input")
            }
        }
    }

    /// Reads an action whose `{{` is past. Returns what ends the list, if this does.
    private mutating func action(_ nodes: inout [TemplateNode]) throws(TemplateError) -> Terminator? {
        let token = tokens.nextVisible()
        guard token.kind == .keyword else {
            tokens.back()
            nodes.append(.output(try pipeline("command", .close)))
            return nil
        }
        switch token.text {
        case "if": nodes.append(.choice(try choice("if")))
        case "with": nodes.append(.choice(try choice("with")))
        case "range": nodes.append(.loop(try loop()))
        case "end":
            try close("end")
            return .blockEnd
        case "else":
            // `else if` is read by the `if` that it belongs to.
            if !isNextIf() { try close("else") }
            return .otherwise
        case "break", "continue":
            try close("{{\(token.text)}}")
            guard loops > 0 else { throw error("{{\(token.text)}} outside {{range}}") }
            nodes.append(token.text == "break" ? .leaveLoop : .nextRound)
        default: throw error("{{\(token.text)}} is not supported")
        }
        return nil
    }

    private mutating func choice(_ word: String) throws(TemplateError) -> TemplateChoice {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        var choice = TemplateChoice(branches: [], otherwise: [], movesDot: word == "with")
        while true {
            let condition = try pipeline(word, .close)
            let (body, last) = try block()
            choice.branches.append(.init(condition: condition, body: body))
            guard last == .otherwise else { return choice }
            if word == "if", isNextIf() {
                _ = tokens.nextVisible()
            } else {
                choice.otherwise = try otherwise()
                return choice
            }
        }
    }

    private mutating func loop() throws(TemplateError) -> TemplateLoop {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let items = try pipeline("range", .close)
        loops += 1
        let (body, last) = try block()
        loops -= 1
        return TemplateLoop(items: items, body: body, otherwise: last == .otherwise ? try otherwise() : [])
    }

    /// What stands between `{{if ...}}` and what ends it, with variables of its own.
    private mutating func block() throws(TemplateError) -> ([TemplateNode], Terminator) {
        actionLine = nil
        let known = variables.count
        let (nodes, last) = try list()
        variables.removeLast(variables.count - known)
        guard last != .end else { throw error("unexpected EOF") }
        return (nodes, last)
    }

    private mutating func otherwise() throws(TemplateError) -> [TemplateNode] {
        let (nodes, last) = try block()
        guard last == .blockEnd else { throw error("expected end; found {{else}}") }
        return nodes
    }

    private mutating func isNextIf() -> Bool {
        let token = tokens.peekVisible()
        return token.kind == .keyword && token.text == "if"
    }

    private mutating func close(_ context: String) throws(TemplateError) {
        let token = tokens.nextVisible()
        guard token.kind == .close else { throw unexpected(token, context) }
    }

    // MARK: Pipelines

    private mutating func pipeline(
        _ context: String, _ end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipeline {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        var pipeline = TemplatePipeline()
        try declare(&pipeline, context)
        while true {
            let token = tokens.nextVisible()
            switch token.kind {
            case end:
                try check(pipeline, context)
                return pipeline
            case .boolean, .character, .dot, .field, .identifier, .number, .absent, .raw, .quoted, .variable,
                .leftParenthesis:
                tokens.back()
                pipeline.commands.append(try command())
            default: throw unexpected(token, context)
            }
        }
    }

    private func check(_ pipeline: TemplatePipeline, _ context: String) throws(TemplateError) {
        guard !pipeline.commands.isEmpty else { throw error("missing value for \(context)") }
        for (stage, command) in pipeline.commands.enumerated().dropFirst() {
            switch command.head {
            case .literal, .absent, .tooLarge, .dot([]):
                throw error("non executable command in pipeline stage \(stage + 1)")
            default: continue
            }
        }
    }

    /// `$x :=`, `$x =`, and in a loop `$i, $e :=`; nothing if the variable is an operand.
    private mutating func declare(_ pipeline: inout TemplatePipeline, _ context: String) throws(TemplateError) {
        while tokens.peekVisible().kind == .variable {
            let start = tokens
            let variable = tokens.nextVisible().text
            let sign = tokens.nextVisible()
            switch sign.kind {
            case .declare, .assign:
                pipeline.assigns = sign.kind == .assign
                pipeline.variables.append(variable)
                variables.append(variable)
                return
            case .punctuation where sign.text == ",":
                pipeline.variables.append(variable)
                variables.append(variable)
                guard context == "range", pipeline.variables.count < 2 else {
                    throw error("too many declarations in \(context)")
                }
                guard [.variable, .close].contains(tokens.peekVisible().kind) else {
                    throw error("range can only initialize variables")
                }
            default:
                tokens = start
                return
            }
        }
    }

    private mutating func command() throws(TemplateError) -> TemplateCommand {
        var operands: [TemplateOperand] = []
        while true {
            tokens.skipBlanks()
            if let operand = try operand() { operands.append(operand) }
            let token = tokens.next()
            switch token.kind {
            case .blank: continue
            case .close, .rightParenthesis: tokens.back()
            case .pipe: break
            default: throw unexpected(token, "operand")
            }
            guard let head = operands.first else { throw error("empty command") }
            return TemplateCommand(head: head, arguments: Array(operands.dropFirst()))
        }
    }

    /// nil if what is next is no operand.
    private mutating func operand() throws(TemplateError) -> TemplateOperand? {
        let token = tokens.next()
        guard var operand = try term(token) else {
            tokens.back()
            return nil
        }
        while tokens.peek().kind == .field {
            let field = String(tokens.next().text.dropFirst())
            switch operand {
            case .dot(let fields) where !fields.isEmpty: operand = .dot(fields + [field])
            case .variable(let name, let fields): operand = .variable(name, fields + [field])
            case .pipeline(let inner, let fields): operand = .pipeline(inner, fields + [field])
            case .function: throw error("unexpected \(("." + field).goQuoted) in operand")
            default: throw error("unexpected . after term \(token.text.goQuoted)")
            }
        }
        return operand
    }

    private mutating func term(_ token: TemplateToken) throws(TemplateError) -> TemplateOperand? {
        switch token.kind {
        case .dot: return .dot([])
        case .field: return .dot([String(token.text.dropFirst())])
        case .absent: return .absent
        case .boolean: return .literal(.bool(token.text == "true"))
        case .raw: return .literal(.text(String(token.text.dropFirst().dropLast())))
        case .variable:
            guard variables.contains(token.text) else { throw error("undefined variable \(token.text.goQuoted)") }
            return .variable(token.text, [])
        case .identifier:
            guard let function = TemplateFunction(rawValue: token.text) else {
                throw error("function \(token.text.goQuoted) not defined")
            }
            return .function(function)
        case .quoted, .character, .number:
            do throws(TemplateComplaint) {
                return try TemplateLiteral.operand(token)
            } catch {
                throw self.error(error.reason)
            }
        case .leftParenthesis: return .pipeline(try pipeline("parenthesized pipeline", .rightParenthesis), [])
        default: return nil
        }
    }

    // MARK: Errors

    private func error(_ reason: String) -> TemplateError {
        TemplateError(line: tokens.line, reason: reason)
    }

    private func unexpected(_ token: TemplateToken, _ context: String) -> TemplateError {
        guard token.kind == .broken else { return error("unexpected \(token.shown) in \(context)") }
        // The lexer's own words, and where the action began if that was another line.
        guard let actionLine, actionLine != token.line else { return error(token.text) }
        let joint = token.text.hasSuffix(" action") ? "" : " in action"
        return error("\(token.text)\(joint) started at \(TemplateError.name):\(actionLine)")
    }
}
