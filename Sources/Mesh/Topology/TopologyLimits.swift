import Wire

/// Bounds on what others may make us remember. The protocol has none; all are weft's choice, far above real meshes.
enum TopologyLimits {
    /// Known peers, placeholders included. The largest meshes reported have some hundred.
    static let peers = 8_192
    /// Records in one topology message.
    static let recordsPerUpdate = 8_192
    /// Entries in one record's connection list.
    static let connectionsPerPeer = 4_096
    /// Bytes of a nickname; what is longer is cut.
    static let nicknameBytes = 256
    /// Bytes of an address; a longer one is taken as absent (the longest real one, IPv6 with port, has 47).
    static let addressBytes = 64
    /// A record with a higher version is ignored: counting one change a nanosecond, no honest peer gets there in 292
    /// years, and a forged one near 2^64 would freeze a name, since nothing newer could follow.
    static let highestVersion = UInt64(1) << 63
    /// What a forged record at that limit moves its owner to is taken by small steps, so that the owner is heard again.
    static let versionStep = UInt64(1) << 20
    /// And by those who have not known the peer before.
    static let highestFirstVersion = highestVersion + UInt64(1) << 48

    /// Whether a record can be a peer's; `known` is what we hold of it.
    static func isAcceptable(_ record: RecordVersion, known: UInt64?) -> Bool {
        guard record.name.isUsable, record.uid != 0 || record.version == 0 else { return false }
        guard let known else { return record.version <= highestFirstVersion }
        return record.version <= max(highestVersion, known.addingReportingOverflow(versionStep).partialValue)
    }
}
