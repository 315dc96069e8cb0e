public import Wire

/// A value of `Wire` that JSON shows as the text which people write it as.
public protocol WrittenAsText: Codable, CustomStringConvertible {
    init?(text: String)
}

extension WrittenAsText {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is no \(Self.self)"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// `"02:00:00:00:0b:01"`
extension PeerName: WrittenAsText {}
/// `"8a:ed:82:b2:e1:00"`
extension MACAddress: WrittenAsText {}
/// `"10.0.0.1:6783"`
extension Endpoint: WrittenAsText {}
/// `"10.32.0.1/12"`
extension InterfaceAddress: WrittenAsText {}
/// `"2026-11-25T04:03:46.369861853Z"`
extension WallClockInstant: WrittenAsText {}
