/// The ways in which frames travel between two neighbours. The raw value is the name in the feature `Overlays`.
public enum OverlayKind: String, Hashable, Sendable, CaseIterable {
    /// VXLAN, sent and received by the kernel.
    case fastDatapath = "fastdp"
    /// UDP, in user space.
    case sleeve
}
