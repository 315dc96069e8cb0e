/// Fields of a query or of an urlencoded body, in order, names repeated as they came.
public struct FormFields: Hashable, Sendable {
    private var fields: [Field] = []

    private struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// Texts such as `peer=a&peer=b%20c`, their fields behind each other.
    public init(encoded texts: String...) {
        fields = texts.flatMap(Self.parse)
    }

    /// All values of that name, in order.
    public subscript(name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// What cannot be decoded is left out, as the reference does after complaining.
    private static func parse(_ text: String) -> [Field] {
        text.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(parts[0]), let value = decoded(parts.count > 1 ? parts[1] : "") else { return nil }
            return Field(name: name, value: value)
        }
    }

    /// `+` is a blank, `%2B` a byte; nil for half a byte or broken UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
