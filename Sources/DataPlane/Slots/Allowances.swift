import PacketIO

/// How much of something is allowed: `burst` at once, and `perSecond` on average.
struct Allowance {
    let burst: UInt64
    let perSecond: UInt64

    /// Takes `count` tokens from the bucket at `index`, or what is left, if there is one. A bucket is one word, 16 bits of
    /// second and 32 of tokens; 0 is a full one. Two threads may both take the last token: the limit is not exact.
    func take(_ count: UInt64 = 1, from words: AtomicWords, _ index: Int, second: UInt16) -> Bool {
        let before = words.loadRelaxed(index)
        var tokens = before & 0xffff_ffff
        if before >> 48 == 0 {
            tokens = burst
        } else {
            let passed = UInt64(second &- UInt16(truncatingIfNeeded: before >> 32))
            tokens = min(tokens &+ passed &* perSecond, burst)
        }
        guard tokens > 0 else { return false }
        words.storeRelaxed(index, 1 << 48 | UInt64(second) << 32 | (tokens &- min(tokens, count)))
        return true
    }
}

/// How many addresses may still be learnt from one port, so that one that invents addresses cannot push out a real
/// move.
struct LearningBudget {
    /// Chosen: a host with a thousand containers starts at once; afterwards 64 new addresses a second.
    static let addresses = Allowance(burst: 1_024, perSecond: 64)

    let words: AtomicWords
    let index: Int

    func take(second: UInt16) -> Bool {
        LearningBudget.addresses.take(from: words, index, second: second)
    }
}

/// How many special frames of one neighbour may become events of the control loop: on a clear link anybody can forge
/// them. Heartbeats of the connection, which keep the link alive, have an allowance of their own.
struct SpecialAllowance {
    /// Chosen: twice what a search for the MTU sends in its first second.
    static let tests = Allowance(burst: 256, perSecond: 100)
    /// Chosen: a router sends two a second at most, and weft six in its first.
    static let heartbeats = Allowance(burst: 20, perSecond: 10)

    /// The neighbour's.
    let row: AtomicWords

    func takeHeartbeat(second: UInt16) -> Bool {
        SpecialAllowance.heartbeats.take(from: row, PeerSlots.Word.heartbeats, second: second)
    }

    func takeTest(second: UInt16) -> Bool {
        SpecialAllowance.tests.take(from: row, PeerSlots.Word.specials, second: second)
    }
}

/// How many answers "too big" a relay gives to what one neighbour hands it.
struct ReplyAllowance {
    /// Chosen: more flows than begin at once on a host; each batch of packets between two hosts has one answer.
    static let replies = Allowance(burst: 256, perSecond: 256)

    /// The neighbour's.
    let row: AtomicWords

    func take(second: UInt16) -> Bool {
        ReplyAllowance.replies.take(from: row, PeerSlots.Word.replies, second: second)
    }
}

/// How much each source may send to hardware addresses that nobody knows: every such frame goes to every peer. Those
/// who talk are known from their first frame; what is left are those who have been silent for ten minutes, and forgers.
struct FloodAllowances: Sendable {
    /// Buckets; two sources may share one.
    static let count = 256
    /// In KiB begun, chosen: a copy of 4 MiB a second takes a third of a link of 100 Mb/s.
    static let kibibytes = Allowance(burst: 8_192, perSecond: 4_096)

    let words: AtomicWords

    func take(source: UInt64, bytes: Int, second: UInt16) -> Bool {
        let bucket = ForwardingView.hash(source) & (FloodAllowances.count &- 1)
        let begun = UInt64(truncatingIfNeeded: bytes &>> 10 &+ 1)
        return FloodAllowances.kibibytes.take(begun, from: words, bucket, second: second)
    }
}
