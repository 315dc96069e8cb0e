import ControlTypes

extension FormFields {
    /// The query's fields, after those of the body if it says that it is a form.
    init(_ call: ControlCall) {
        let type = (call.contentType ?? "").prefix { $0 != ";" }.lowercased()
        let isForm = type == "application/x-www-form-urlencoded"
        self.init(encoded: isForm ? String(decoding: call.body, as: UTF8.self) : "", call.query)
    }
}
