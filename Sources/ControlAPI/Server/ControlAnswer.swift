import ControlTypes
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// An answer before it is put into HTTP.
struct ControlAnswer: Equatable {
    static let plainText = "text/plain; charset=utf-8"
    static let json = "application/json"

    var status: Int
    var contentType: String?
    var body: String
    /// Keeps browsers from guessing, as the reference does for its errors.
    var isCompatibleError = false
    var location: String?

    /// Success without words.
    static let empty = ControlAnswer(status: 200, contentType: nil, body: "")

    static func text(_ body: String, status: Int = 200) -> ControlAnswer {
        ControlAnswer(status: status, contentType: plainText, body: body)
    }

    /// An error of a compatible route: one sentence and a newline.
    static func refusal(_ status: Int, _ message: String) -> ControlAnswer {
        ControlAnswer(status: status, contentType: plainText, body: message + "\n", isCompatibleError: true)
    }

    /// What a compatible route says when the operation itself was refused.
    static func refusal(_ error: ControlError) -> ControlAnswer {
        refusal(error.httpStatus, error.message)
    }

    /// A value of the native API, one line and a newline.
    static func json(_ value: some Encodable, status: Int = 200) -> ControlAnswer {
        do throws(JSONError) {
            return ControlAnswer(status: status, contentType: json, body: try value.json() + "\n")
        } catch {
            // None of our values holds what JSON cannot express; if one did, the client still gets an answer.
            return ControlAnswer(status: 500, contentType: plainText, body: "\(error)\n")
        }
    }

    static func error(_ error: ControlError) -> ControlAnswer {
        json(ErrorReply(error), status: error.httpStatus)
    }

    var response: Response {
        var headers = HTTPFields()
        if let contentType { headers[.contentType] = contentType }
        if isCompatibleError { headers[.xContentTypeOptions] = "nosniff" }
        if let location { headers[.location] = location }
        return Response(
            status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
