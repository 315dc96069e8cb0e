/// What weft adds to the protocol, each announced in the features and used only where both sides announce it.
/// `docs/protocol-mesh.md`, "Extensions".
public enum MeshExtension: String, Hashable, Comparable, Sendable, CaseIterable {
    /// Records are announced by name and version, and asked for by those who lack them.
    case announcements = "announce"
    /// Sleeve calls a silent remote, and gives the path up after 2.2 s.
    case probes = "probe"
    /// A side that ends a connection says why.
    case farewells = "farewell"
    /// Heartbeats of the fast datapath say which of ours arrived last. Offered by those who offer that overlay.
    case echoes = "echo"

    /// What a router offers that has no fast datapath.
    public static var withoutFastDatapath: Set<MeshExtension> { Set(allCases).subtracting([.echoes]) }

    public static func < (left: MeshExtension, right: MeshExtension) -> Bool { left.rawValue < right.rawValue }

    /// As in the features: words joined with blanks, ascending.
    static func text(_ extensions: Set<MeshExtension>) -> String {
        extensions.sorted().map(\.rawValue).joined(separator: " ")
    }

    /// The ones that we know; others are those of later versions.
    static func parse(_ text: String) -> Set<MeshExtension> {
        Set(text.split(separator: " ").compactMap { MeshExtension(rawValue: String($0)) })
    }
}
