/// One run of a template: its variables, what it has printed, what it may still use.
struct TemplateRun {
    private(set) var output = ""
    let limits: TemplateLimits
    private var work: Int
    private var variables: [Variable]

    private struct Variable {
        let name: String
        var value: TemplateValue
    }

    /// How a list of nodes ended.
    enum Flow { case done, leaveLoop, nextRound }

    init(root: TemplateValue, limits: TemplateLimits) {
        self.limits = limits
        work = limits.work
        variables = [Variable(name: "$", value: root)]
    }

    /// Takes from what the run may use.
    mutating func spend(_ amount: Int = TemplateLimits.step) throws(TemplateFailure) {
        work -= amount
        guard work >= 0 else { throw .limit("the template takes too many steps") }
    }

    // MARK: Nodes

    mutating func list(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateFailure) -> Flow {
        for node in nodes {
            try spend()
            switch node {
            case .text(let text): try emit(text)
            case .output(let pipeline):
                let value = try evaluate(pipeline, dot: dot)
                if pipeline.variables.isEmpty { try show(value) }
            case .choice(let choice):
                let flow = try scoped { run throws(TemplateFailure) in try run.choose(choice, dot: dot) }
                guard flow == .done else { return flow }
            case .loop(let loop):
                let flow = try scoped { run throws(TemplateFailure) in try run.range(loop, dot: dot) }
                guard flow == .done else { return flow }
            case .leaveLoop: return .leaveLoop
            case .nextRound: return .nextRound
            }
        }
        return .done
    }

    /// Variables that `body` declares end with it.
    private mutating func scoped<Result>(
        _ body: (inout TemplateRun) throws(TemplateFailure) -> Result
    ) throws(TemplateFailure) -> Result {
        let known = variables.count
        let result = try body(&self)
        variables.removeLast(variables.count - known)
        return result
    }

    private mutating func choose(_ choice: TemplateChoice, dot: TemplateValue) throws(TemplateFailure) -> Flow {
        for branch in choice.branches {
            let value = try evaluate(branch.condition, dot: dot)
            if value.isTrue { return try list(branch.body, dot: choice.movesDot ? value : dot) }
        }
        return try list(choice.otherwise, dot: dot)
    }

    private mutating func range(_ loop: TemplateLoop, dot: TemplateValue) throws(TemplateFailure) -> Flow {
        let items = try evaluate(loop.items, dot: dot)
        let count: Int
        switch items {
        case .list(let values, _): count = values.count
        case .map(let members, _): count = members.count
        case .absent: count = 0
        default: throw .refused("range can't iterate over a \(items.typeName)")
        }
        guard count > 0 else { return try list(loop.otherwise, dot: dot) }
        // By place, without copies: a list that is left early costs no more than the rounds that ran.
        for place in 0..<count {
            try spend()
            let flow = try scoped { run throws(TemplateFailure) in
                let (key, item) = Self.item(place, of: items)
                try run.setRound(loop.items, key: key, item: item)
                return try run.list(loop.body, dot: item)
            }
            if flow == .leaveLoop { break }
        }
        return .done
    }

    private static func item(_ place: Int, of items: TemplateValue) -> (key: TemplateValue, item: TemplateValue) {
        switch items {
        case .list(let values, _): (.integer(Int64(place)), values[place])
        case .map(let members, _): (.text(members[place].name), members[place].value)
        default: (.absent, .absent)
        }
    }

    /// One variable is the item, two are its place and the item.
    private mutating func setRound(
        _ pipeline: TemplatePipeline, key: TemplateValue, item: TemplateValue
    ) throws(TemplateFailure) {
        let values = pipeline.variables.count == 2 ? [key, item] : [item]
        for (name, value) in zip(pipeline.variables, values) { try set(name, value, assigns: pipeline.assigns) }
    }

    private mutating func set(_ name: String, _ value: TemplateValue, assigns: Bool) throws(TemplateFailure) {
        guard assigns else { return variables.append(Variable(name: name, value: value)) }
        variables[try find(name)].value = value
    }

    private mutating func find(_ name: String) throws(TemplateFailure) -> Int {
        guard let position = variables.lastIndex(where: { $0.name == name }) else {
            throw .refused("undefined variable: \(name)")
        }
        try spend(variables.count - position)
        return position
    }

    // MARK: Values

    private mutating func evaluate(
        _ pipeline: TemplatePipeline, dot: TemplateValue
    ) throws(TemplateFailure) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands { value = try evaluate(command, dot: dot, piped: value) }
        let result = value ?? .absent
        for name in pipeline.variables { try set(name, result, assigns: pipeline.assigns) }
        return result
    }

    private mutating func evaluate(
        _ command: TemplateCommand, dot: TemplateValue, piped: TemplateValue?
    ) throws(TemplateFailure) -> TemplateValue {
        try spend()
        if case .function(let function) = command.head {
            return try call(function, command.arguments, dot: dot, piped: piped)
        }
        guard command.arguments.isEmpty, piped == nil else { throw .refused("can't give argument to non-function") }
        if case .absent = command.head { throw .refused("nil is not a command") }
        return try evaluate(command.head, dot: dot)
    }

    private mutating func evaluate(
        _ operand: TemplateOperand, dot: TemplateValue
    ) throws(TemplateFailure) -> TemplateValue {
        try spend()
        switch operand {
        case .dot(let fields): return try follow(fields, from: dot)
        case .variable(let name, let fields):
            return try follow(fields, from: variables[try find(name)].value)
        case .function(let function): return try call(function, [], dot: dot, piped: nil)
        case .pipeline(let pipeline, let fields):
            return try follow(fields, from: evaluate(pipeline, dot: dot))
        case .literal(let value): return value
        case .absent: return .absent
        case .tooLarge(let number): throw .refused("\(number) overflows int")
        }
    }

    private mutating func follow(
        _ fields: [String], from start: TemplateValue
    ) throws(TemplateFailure) -> TemplateValue {
        var value = start
        for field in fields {
            try spend()
            switch value {
            case .record(let members):
                guard let member = members.first(where: { $0.name == field }) else {
                    throw .refused("can't evaluate field \(field)")
                }
                value = member.value
            case .map(let members, _):
                // What is not in a map is no value, and so is all that is in that.
                guard let member = members.first(where: { $0.name == field }) else { return .absent }
                value = member.value
            case .absent, .off: throw .refused("nil pointer evaluating \(field)")
            default: throw .refused("can't evaluate field \(field) in type \(value.typeName)")
            }
        }
        return value
    }

    private mutating func call(
        _ function: TemplateFunction, _ operands: [TemplateOperand], dot: TemplateValue, piped: TemplateValue?
    ) throws(TemplateFailure) -> TemplateValue {
        // These two take no more of their arguments than they need.
        if function == .and || function == .or {
            return try decide(function, operands, dot: dot, piped: piped)
        }
        var arguments: [TemplateValue] = []
        for operand in operands { arguments.append(try evaluate(operand, dot: dot)) }
        if let piped { arguments.append(piped) }
        return try apply(function, arguments)
    }

    private mutating func decide(
        _ function: TemplateFunction, _ operands: [TemplateOperand], dot: TemplateValue, piped: TemplateValue?
    ) throws(TemplateFailure) -> TemplateValue {
        var last: TemplateValue?
        for operand in operands {
            let value = try evaluate(operand, dot: dot)
            if value.isTrue == (function == .or) { return value }
            last = value
        }
        guard let value = piped ?? last else { throw .refused("wrong number of args for \(function)") }
        return value
    }

    // MARK: Output

    private mutating func show(_ value: TemplateValue) throws(TemplateFailure) {
        if case .absent = value { return try emit("<no value>") }
        try emit(plain([value]))
    }

    private mutating func emit(_ text: String) throws(TemplateFailure) {
        try spend(text.utf8.count)
        guard output.utf8.count + text.utf8.count <= limits.output else {
            throw .limit("the output exceeds \(limits.output) bytes")
        }
        output += text
    }
}
