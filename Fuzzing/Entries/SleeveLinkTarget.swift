import Sleeve
import Wire

extension FuzzTarget {
    /// The state machine of one sleeve link, with any events in any order at any time.
    ///
    /// Bytes 0 to 4: options, underlay MTU, fixed MTU. Then events: the pause before it (one byte, about 1.5^n ms), its
    /// kind, its numbers.
    static let sleeveLink = FuzzTarget("sleeve-link", maximumBytes: 2_048) { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let options = input.byte()
        let underlay = Int(input.number(bytes: 2))
        let fixed = Int(input.number(bytes: 2))
        var run = SleeveLinkRun(
            SleeveParameters(
                connectionUID: 7, isOutbound: options & 1 == 0, remote: SleeveLinkRun.endpoint(0),
                isSealed: options & 2 != 0, underlayMTU: underlay, fixedMTU: options & 4 == 0 ? nil : fixed))
        while !input.isEmpty { try run.next(&input) }
    }
}

private struct SleeveLinkRun {
    private var link: SleeveLink
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var wakeAt: MonotonicInstant?
    private var isEstablished = false
    private var hasFailed = false
    private var isConfirmed = false

    init(_ parameters: SleeveParameters) {
        link = SleeveLink(parameters: parameters, at: now)
    }

    static func endpoint(_ number: UInt8) -> Endpoint {
        Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0000 | UInt32(number))), .mesh)
    }

    mutating func next(_ input: inout FuzzInput) throws(BrokenPromise) {
        let pause = input.choice(40)
        now = now + .microseconds(pause == 0 ? 0 : (1 << (pause / 2 + 4)))
        let event: SleeveEvent
        switch input.choice(10) {
        case 0: event = .confirm
        case 1:
            let uid: UInt64 = input.byte() < 0xe0 ? 7 : 8
            event = .heartbeat(connectionUID: uid, from: SleeveLinkRun.endpoint(input.byte() % 4))
        case 2: event = .fragmentationTest(intact: input.bool())
        case 3: event = .mtuTest(size: Int(input.number(bytes: 2)))
        case 4:
            let body = [input.byte(), input.byte()]
            guard let control = SleeveControl(tag: 1 + input.byte() % 3, payload: body) else { return }
            event = .control(control)
        case 5: event = .tooBig(pathMTU: Int(input.number(bytes: 2)))
        case 6: event = .route(mtu: Int(input.number(bytes: 2)))
        case 7:
            // As the driver does: at the instant that was asked for.
            if let wakeAt { now = max(now, wakeAt) }
            event = .timer
        default: event = .timer
        }
        if event == .confirm { isConfirmed = true }
        try take(link.handle(event, at: now))
        // Steps that are late are caught up with, but the link does not ask for what is past for ever.
        var late = 0
        while event == .timer, let due = wakeAt, due <= now {
            late += 1
            try promise(late <= 16, "a late link catches up")
            wakeAt = nil
            try take(link.handle(.timer, at: now))
        }
    }

    private mutating func take(_ effects: [SleeveEffect]) throws(BrokenPromise) {
        try promise(!hasFailed || effects.isEmpty, "a link that has failed does nothing")
        try promise(isConfirmed || effects.isEmpty, "a link is silent until it is confirmed")
        try promise(effects.count <= 40, "an event has a bounded number of effects, not \(effects.count)")
        for effect in effects {
            switch effect {
            case .send(let special):
                if case .mtuTest(let size) = special {
                    try promise(SleeveLayout.isTestable(size: size), "a test's size is none of another kind: \(size)")
                }
            case .sendControl(.mtuVerified(let size)):
                try promise((0...65_535).contains(size), "a size fits its 16 bits")
            case .setPath(let path):
                try promise(path.mtu > 0 && path.mtu <= 65_535, "an MTU is one: \(path.mtu)")
                try promise(
                    path.maximumPayload > 0 && path.maximumPayload <= SleeveLayout.maximumPayload,
                    "a payload fits a datagram: \(path.maximumPayload)")
            case .established:
                try promise(!isEstablished, "a link is established once")
                isEstablished = true
            case .failed:
                try promise(!hasFailed, "a link fails once")
                hasFailed = true
            case .wake(let at): wakeAt = at
            default: break
            }
        }
    }
}
