import ControlTypes

/// The routes of the reference router that weft has, in its forms: `docs/targets/ControlAPI.md`. Unknown paths are 404
/// with a sentence, other methods 405 with nothing.
struct CompatibleRoutes {
    let operations: any ControlOperations

    func answer(to call: ControlCall) async -> ControlAnswer {
        let method: String
        switch call.path {
        case "/status", "/status/connections", "/status/peers", "/status/targets", "/status/ipam", "/status/dns",
            "/report":
            method = "GET"
        case "/connect", "/forget": method = "POST"
        default: return .refusal(404, "404 page not found")
        }
        guard call.method == method else { return ControlAnswer(status: 405, contentType: nil, body: "") }
        do throws(ControlError) {
            switch call.path {
            case "/connect": return try await connect(call)
            case "/forget": return try await forget(call)
            case "/report": return try await report(call)
            // Services that are off: what the reference answers.
            case "/status/ipam", "/status/dns": return .refusal(500, "error during template execution")
            default: return status(call.path, try await operations.report())
            }
        } catch {
            return .refusal(error)
        }
    }

    private func status(_ path: String, _ report: Report) -> ControlAnswer {
        switch path {
        case "/status/connections": .text(report.connectionLines)
        case "/status/peers": .text(report.peerLines)
        case "/status/targets": .text(report.targetLines)
        // The same complete text while starting; only the status differs.
        default: .text(report.summary, status: report.ready ? 200 : 503)
        }
    }

    private func report(_ call: ControlCall) async throws(ControlError) -> ControlAnswer {
        // The whole value, as the reference compares it.
        if call.accept == "application/json" {
            let report = try await operations.report()
            do throws(JSONError) {
                return ControlAnswer(status: 200, contentType: ControlAnswer.json, body: try report.json(.report))
            } catch {
                return .refusal(500, "\(error)")
            }
        }
        let formats = FormFields(encoded: call.query)["format"]
        guard formats.count == 1, let format = formats.first else {
            return .refusal(400, "error: must supply one format parameter")
        }
        return try await report(through: format)
    }

    /// The report through a template of the caller's.
    private func report(through format: String) async throws(ControlError) -> ControlAnswer {
        let template: Template
        do throws(TemplateError) {
            template = try Template(parsing: format)
        } catch {
            return .refusal(400, "\(error)")
        }
        let report = try await operations.report()
        do throws(JSONError) {
            return Self.answer(template.run(on: try report.templateTree()))
        } catch {
            return .refusal(500, "\(error)")
        }
    }

    private static func answer(_ outcome: TemplateOutcome) -> ControlAnswer {
        var sentence = "error during template execution"
        switch outcome.failure {
        case nil: return .text(outcome.text)
        case .refused: break
        // The reference has no limits, and so no words for them.
        case .limit(let reason): sentence += ": " + reason
        }
        // The reference sends while the template runs: it cannot take a status back, only say the sentence behind.
        guard outcome.text.isEmpty else { return .text(outcome.text + sentence + "\n") }
        return .refusal(500, sentence)
    }

    private func connect(_ call: ControlCall) async throws(ControlError) -> ControlAnswer {
        let form = FormFields(call)
        let refused = try await operations.connect(form["peer"], replace: form["replace"].first == "true")
        guard !refused.isEmpty else { return .empty }
        return .refusal(400, refused.map(\.reason).joined(separator: "\n"))
    }

    private func forget(_ call: ControlCall) async throws(ControlError) -> ControlAnswer {
        try await operations.forget(FormFields(call)["peer"])
        return .empty
    }
}
