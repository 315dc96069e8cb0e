import Sealing
public import Wire

/// The name of a machine that has none yet, as Weave Net 2.8 derives it, so that a host keeps its name when its router
/// is replaced. `docs/protocol-mesh.md`, "Names".
public enum PeerNameDerivation {
    private static let prefix = Array("9oBJ0Jmip-".utf8)

    /// The name for identifiers read raw, final newlines included; nil if there is nothing to derive from.
    ///
    /// - Parameters:
    ///   - machineID: the contents of `/etc/machine-id`.
    ///   - productUUID: the contents of `/sys/class/dmi/id/product_uuid`, or of `/sys/hypervisor/uuid`.
    ///   - stateDirectory: mixed in where it is not the default; nil keeps the original's result.
    public static func name(machineID: [UInt8], productUUID: [UInt8], stateDirectory: String?) -> PeerName? {
        let identity = machineID + productUUID + Array((stateDirectory ?? "").utf8)
        guard !identity.isEmpty else { return nil }
        var bits: UInt64 = 0
        for (index, byte) in sha256(prefix + identity).prefix(6).enumerated() {
            // A unicast address, locally administered.
            bits = bits << 8 | UInt64(index == 0 ? byte & 0xfe | 0x02 : byte)
        }
        return PeerName(rawValue: bits)
    }

    /// Reads this machine's identifiers.
    static func nameOfThisMachine(stateDirectory: String?) -> PeerName? {
        let machineID = SmallFile.contents("/etc/machine-id") ?? SmallFile.contents("/var/lib/dbus/machine-id") ?? []
        let product =
            SmallFile.contents("/sys/class/dmi/id/product_uuid") ?? SmallFile.contents("/sys/hypervisor/uuid") ?? []
        return name(machineID: machineID, productUUID: product, stateDirectory: stateDirectory)
    }
}
