import Wire

/// What undoes a fault.
enum Repair: Sendable {
    case unblock(Underlay.Traffic, from: Int, to: Int)
    case join
    case start(Int)
    case resume(Int)
    case remove(Int)
}

/// What is wrong at the moment.
struct FaultState: Sendable {
    /// Faults still to come.
    var left = 0
    /// Repairs still to come, by number.
    var pending: [Int: Repair] = [:]
    var repairs = 0
    /// No fault happens any more, and everything has been repaired.
    var isOver = false
    var injected: [FaultKind: Int] = [:]
    /// Islands that are there by design.
    var fixedIslands: [Int] = []
    var isPartitioned = false
    var killed = 0
    /// A second host has the name of this one now.
    var clash: Int?
    /// When a process was started last.
    var lastStart = MonotonicInstant(nanoseconds: 0)
    /// When something was repaired last, or the faults ended.
    var lastRepair = MonotonicInstant(nanoseconds: 0)
    /// What happened when, for people.
    var log: [String] = []
}
