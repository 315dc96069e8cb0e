/// A template in Go's `text/template` language, as its public documentation describes it, without what calls or defines
/// other templates, methods, and complex numbers: `docs/targets/ControlTypes.md`.
///
/// It is made for templates from outside: whatever the text is, reading and running end soon, in bounded memory.
public struct Template: Equatable, Sendable {
    /// Bytes.
    public static let maximumSize = 65_536

    private let nodes: [TemplateNode]

    public init(parsing text: String) throws(TemplateError) {
        guard text.utf8.count <= Self.maximumSize else {
            throw TemplateError(line: 1, reason: "longer than \(Self.maximumSize) bytes")
        }
        nodes = try TemplateParser.nodes(of: text)
    }

    /// Runs the template; `$` and the first dot are `root`.
    public func run(on root: TemplateValue, limits: TemplateLimits = TemplateLimits()) -> TemplateOutcome {
        var run = TemplateRun(root: root, limits: limits)
        do throws(TemplateFailure) {
            _ = try run.list(nodes, dot: root)
            return TemplateOutcome(text: run.output, failure: nil)
        } catch {
            return TemplateOutcome(text: run.output, failure: error)
        }
    }
}

/// What a template printed, until it failed if it did.
public struct TemplateOutcome: Equatable, Sendable {
    public var text: String
    public var failure: TemplateFailure?
}

/// Why a template cannot be read. Its text has the form of Go's: `template: format:1: unclosed action`.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the reference router calls its template.
    static let name = "format"

    /// From 1.
    public let line: Int
    public let reason: String

    public var description: String { "template: \(Self.name):\(line): \(reason)" }
}

/// Why a template stopped while it ran.
public enum TemplateFailure: Error, Hashable, Sendable {
    /// It asks for what is not there, or for what its values cannot do.
    case refused(String)
    /// It uses more than it may.
    case limit(String)
}

/// What a run may use.
public struct TemplateLimits: Hashable, Sendable {
    /// Bytes that a template may print, and that one text may have.
    public var output: Int
    /// Bytes that are formatted or compared, and ``step`` for each operand, command, node and round of a loop.
    public var work: Int

    static let step = 8

    public init(output: Int = 16 << 20, work: Int = 40 << 20) {
        self.output = output
        self.work = work
    }
}
