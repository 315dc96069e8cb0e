public import Wire

/// Which of several neighbours that are equally near to a destination gets the frames for it.
///
/// Any of them will do for the protocol: each is one hop nearer, so no choice can make a loop. The lowest round trip
/// wins. A hop that is in use stays until another is better by a margin, since a change puts frames of running flows out
/// of order.
public enum NextHopChoice {
    /// Chosen: another hop must have at most three quarters of the round trip in use...
    static var share: (numerator: Int, denominator: Int) { (3, 4) }
    /// ... and be better by as much as this: differences within a data centre are noise.
    static var margin: Duration { .milliseconds(1) }

    /// - Parameters:
    ///   - hops: neighbours that frames can be sent to, ascending.
    ///   - usual: the hop of the protocol's table, for want of measurements.
    ///   - former: the hop in use.
    ///   - roundTrips: those that have been measured.
    /// - Returns: nil if there are no hops.
    public static func hop(
        among hops: [PeerName], usual: PeerName?, former: PeerName?, roundTrips: [PeerName: Duration]
    ) -> PeerName? {
        guard hops.count > 1 else { return hops.first }
        // Of equal ones the first by name, so that the same numbers give the same hop.
        let measured = hops.compactMap { hop in roundTrips[hop].map { (hop, $0) } }
        let best = measured.min { ($0.1, $0.0) < ($1.1, $1.0) }
        if let former, hops.contains(former) {
            // Without a measurement of its own it is not compared.
            guard let best, let current = roundTrips[former], isWorthChanging(from: current, to: best.1)
            else { return former }
            return best.0
        }
        return best?.0 ?? usual.flatMap { hops.contains($0) ? $0 : nil } ?? hops.first
    }

    private static func isWorthChanging(from current: Duration, to other: Duration) -> Bool {
        other * share.denominator <= current * share.numerator && current - other >= margin
    }
}
