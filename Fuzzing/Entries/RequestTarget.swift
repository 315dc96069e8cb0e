import ContainerEngines
import ControlTypes

extension FuzzTarget {
    /// What comes in the bodies of HTTP: JSON in requests to our API and in engines' answers, and urlencoded forms.
    ///
    /// Byte 0 chooses what is expected. Then the body.
    static let requests = FuzzTarget("requests") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let choice = input.choice(8)
        let body = input.takeAll()
        switch choice {
        case 0: try comesBack(AttachRequest.self, body)
        case 1: try comesBack(DetachRequest.self, body)
        case 2: try comesBack(ConnectRequest.self, body)
        case 3: try comesBack(ForgetRequest.self, body)
        case 4: try comesBack(AttachReply.self, body)
        case 5: try document(body)
        case 6: try form(body)
        default:
            let engine = ContainerEngine(name: "Docker", socketPath: "/nonexistent")
            _ = Result { () throws(ControlError) in try engine.container("web", body) }
        }
    }

    private static func comesBack<Value: Codable & Equatable>(
        _ type: Value.Type, _ body: [UInt8]
    ) throws(BrokenPromise) {
        guard case .success(let value) = Result(catching: { () throws(JSONError) in try Value(json: body) }) else {
            return
        }
        let again = Result { () throws(JSONError) in try Value(json: Array(try value.json().utf8)) }
        try promise(again == .success(value), "a request comes back from its own text")
    }

    private static func document(_ text: [UInt8]) throws(BrokenPromise) {
        let parsed = Result { () throws(JSONError) in try JSONValue(parsing: text) }
        guard case .success(let value) = parsed else { return }
        let again = Result { () throws(JSONError) in try JSONValue(parsing: Array(value.text(.compact).utf8)) }
        try promise(again == .success(value), "a document comes back from its own text")
    }

    private static func form(_ text: [UInt8]) throws(BrokenPromise) {
        let fields = FormFields(encoded: String(decoding: text, as: UTF8.self))
        let length = fields["peer"].reduce(0) { $0 + $1.utf8.count }
        // Bytes that are no UTF-8 become three.
        try promise(length <= 3 * text.count, "what is decoded is no longer than its code")
    }
}
