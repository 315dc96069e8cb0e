internal import Gob

/// The version is agreed on; the other side's features are next.
struct AwaitedFeatures: Sendable {
    let version: UInt8
    /// There in version 2 with a password; version 1 gets it by the features.
    var cipher: LinkCipher?

    /// The features' texts by key; nil while they are not there.
    mutating func take(from input: inout LinkInput) throws(LinkError) -> [String: String]? {
        if version == 1 {
            return try input.takeValue(FeatureKey.gobType, limit: LinkLimits.featureBytes).map(RemoteFeatures.texts)
        }
        let limit = LinkLimits.featureBytes + (cipher == nil ? 0 : LinkCipher.overhead)
        guard var frame = try input.takeFrame(limit: limit) else { return nil }
        if let opened = try cipher?.open(frame) { frame = opened }
        var decoder = GobDecoder(frame, limits: GobLimits(messageBytes: LinkLimits.featureBytes))
        do throws(GobError) {
            guard let value = try decoder.next(FeatureKey.gobType) else {
                throw GobError(.truncated(needed: 1, left: 0), at: "features")
            }
            return RemoteFeatures.texts(value)
        } catch {
            throw .badGob(error)
        }
    }
}
