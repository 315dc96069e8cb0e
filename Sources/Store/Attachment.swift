public import Wire

/// A container that was attached: what a restart wants to know besides what the kernel shows.
public struct Attachment: Hashable, Sendable {
    /// The reference that the user gave; the key.
    public var container: String
    public var label: String?
    public var namespacePath: String
    public var addresses: [InterfaceAddress]
    public var since: WallClockInstant

    public init(
        container: String, label: String?, namespacePath: String, addresses: [InterfaceAddress], since: WallClockInstant
    ) {
        self.container = container
        self.label = label
        self.namespacePath = namespacePath
        self.addresses = addresses
        self.since = since
    }
}
