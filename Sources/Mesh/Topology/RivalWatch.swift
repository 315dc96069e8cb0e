import Wire

/// What we know of another router that uses our name: machines are cloned, and names with them.
///
/// Once after a restart the mesh reminds us of our former self. Again and again means that another one lives.
struct RivalWatch: Sendable {
    /// What it called itself last; foreign text.
    var nickname = ""
    /// Where it was met.
    private(set) var addresses: Set<String> = []
    private var encounters: [MonotonicInstant] = []
    private var lastSure: MonotonicInstant?

    /// Chosen: so many reminders within `span` are no former self.
    private static let encountersOfARival = 3
    private static let span = Duration.seconds(300)
    private static let addressesKept = 8

    /// The mesh holds a record of our name that is not ours. True if that makes another router certain now.
    mutating func met(at now: MonotonicInstant) -> Bool {
        encounters.removeAll { now - $0 > RivalWatch.span }
        encounters.append(now)
        guard encounters.count >= RivalWatch.encountersOfARival else { return false }
        encounters = []
        lastSure = now
        return true
    }

    /// It has shaken hands with us.
    mutating func met(_ nickname: String, at address: IPAddress, at now: MonotonicInstant) {
        self.nickname = nickname
        if addresses.count >= RivalWatch.addressesKept { addresses = [] }
        addresses.insert(address.description)
        lastSure = now
    }

    /// nil if there has been none for a while.
    func lastMet(at now: MonotonicInstant) -> MonotonicInstant? {
        lastSure.flatMap { now - $0 > RivalWatch.span ? nil : $0 }
    }
}
