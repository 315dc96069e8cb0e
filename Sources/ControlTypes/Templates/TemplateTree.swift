/// A template, read: what there is to do, in order.
enum TemplateNode: Equatable, Sendable {
    case text(String)
    /// `{{pipeline}}`: its value is printed, unless it goes to variables.
    case output(TemplatePipeline)
    case choice(TemplateChoice)
    case loop(TemplateLoop)
    /// `{{break}}` and `{{continue}}`.
    case leaveLoop, nextRound
}

/// `if` with its `else if`, or `with`.
struct TemplateChoice: Equatable, Sendable {
    struct Branch: Equatable, Sendable {
        var condition: TemplatePipeline
        var body: [TemplateNode]
    }

    /// Tried in order. A later condition sees the variables of those before it.
    var branches: [Branch]
    var otherwise: [TemplateNode]
    /// `with`: the condition's value becomes the dot.
    var movesDot: Bool
}

/// `range`.
struct TemplateLoop: Equatable, Sendable {
    var items: TemplatePipeline
    var body: [TemplateNode]
    /// For no items.
    var otherwise: [TemplateNode]
}

/// Commands of which each gets the value of the one before it as its last argument.
struct TemplatePipeline: Equatable, Sendable {
    /// With their `$`; a loop may have two.
    var variables: [String] = []
    /// `=`, not `:=`.
    var assigns = false
    var commands: [TemplateCommand] = []
}

/// An operand, and what it is given.
struct TemplateCommand: Equatable, Sendable {
    var head: TemplateOperand
    var arguments: [TemplateOperand] = []
}

indirect enum TemplateOperand: Equatable, Sendable {
    /// The dot, and fields of it.
    case dot([String])
    case variable(String, [String])
    case function(TemplateFunction)
    case pipeline(TemplatePipeline, [String])
    case literal(TemplateValue)
    case absent
    /// An integer of more than 64 bits, as it was written.
    case tooLarge(String)
}

/// The functions that a template may call.
enum TemplateFunction: String, Sendable {
    case json, len, eq, ne, lt, le, gt, ge, and, or, not, index, print, println, printf
}
