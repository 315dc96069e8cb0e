import Glibc
import Mesh
import Sealing
import Wire

/// Writes everything that enters and leaves the mesh's state machine, so that the conversation can be replayed through
/// the same machine where no other router is: `docs/interop.md` has the format, one JSON object a line.
///
/// Holds keys and passwords: for tests only (`WEFT_RECORD`). Owner: the control loop.
final class ConversationRecorder: Sendable {
    private let descriptor: CInt

    /// Creates `DIR/NAME.jsonl`; nil if that cannot be done.
    init?(directory: String, name: PeerName) {
        let file = "\(directory)/\(String(name.description.map { $0 == ":" ? "-" : $0 })).jsonl"
        descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        _ = close(descriptor)
    }

    func begin(_ mesh: MeshConfiguration, at now: MonotonicInstant) {
        line(
            "begin", at: now,
            """
            "name":"\(mesh.name)","nickname":"\(hexadecimal(mesh.nickname.utf8))","uid":"\(mesh.uid)",\
            "port":\(mesh.port),"password":\(mesh.password.map { "\"\(hexadecimal($0))\"" } ?? "null"),\
            "minimumVersion":\(mesh.minimumVersion),"maximumVersion":\(mesh.maximumVersion),\
            "discovery":\(mesh.discovery),"connectionLimit":\(mesh.connectionLimit)
            """)
    }

    /// A number that the machine has drawn.
    func record(random value: UInt64) {
        write("{\"random\":\"\(value)\"}\n")
    }

    func record(_ event: MeshEvent, at now: MonotonicInstant) {
        switch event {
        case .start: line("start", at: now)
        case .timer: line("timer", at: now)
        case .accepted(let link, let local, let remote):
            line("accepted", at: now, link, "\"local\":\"\(local)\",\"remote\":\"\(remote)\"")
        case .dialled(let link, let local, let remote):
            line("dialled", at: now, link, "\"local\":\"\(local)\",\"remote\":\"\(remote)\"")
        case .dialFailed(let link, let reason):
            line("dialFailed", at: now, link, "\"reason\":\"\(hexadecimal(reason.utf8))\"")
        case .received(let link, let bytes): line("received", at: now, link, "\"bytes\":\"\(hexadecimal(bytes))\"")
        case .closed(let link, let reason):
            line("closed", at: now, link, "\"reason\":\"\(hexadecimal(reason.utf8))\"")
        case .drained(let link): line("drained", at: now, link)
        case .connect(let targets, let replace):
            let texts = targets.map { "\"\($0.text)\"" }.joined(separator: ",")
            line("connect", at: now, "\"targets\":[\(texts)],\"replace\":\(replace)")
        case .recall(let neighbours):
            let texts = neighbours.map { "\"\($0)\"" }.joined(separator: ",")
            line("recall", at: now, "\"targets\":[\(texts)]")
        case .forget(let texts):
            let list = texts.map { "\"\(hexadecimal($0.utf8))\"" }.joined(separator: ",")
            line("forget", at: now, "\"targets\":[\(list)]")
        case .overlay(let link, .established): line("overlayEstablished", at: now, link)
        case .overlay(let link, .failed(let reason)):
            line("overlayFailed", at: now, link, "\"reason\":\"\(hexadecimal(reason.utf8))\"")
        case .overlay(let link, .control(let overlay, let tag, let body)):
            line("overlayControl", at: now, link, control(overlay, tag, body))
        }
    }

    /// Only effects that the other side sees are recorded; a replay compares them.
    func record(_ effect: MeshEffect, at now: MonotonicInstant) {
        switch effect {
        case .send(let link, let bytes): line("send", at: now, link, "\"bytes\":\"\(hexadecimal(bytes))\"")
        case .close(let link, _): line("close", at: now, link)
        case .finish(let link, _): line("finish", at: now, link)
        case .overlayControl(let link, let overlay, let tag, let body):
            line("controlForOverlay", at: now, link, control(overlay, tag, body))
        case .dial, .wake, .prepareOverlay, .confirmOverlay, .stopOverlay, .routesChanged, .peersRemoved,
            .rememberTargets, .rememberNeighbours, .note:
            break
        }
    }

    /// Sleeve's is not named: for long it was the only overlay.
    private func control(_ overlay: String, _ tag: UInt8, _ body: [UInt8]) -> String {
        let text = "\"tag\":\(tag),\"bytes\":\"\(hexadecimal(body))\""
        return overlay == "sleeve" ? text : "\"overlay\":\"\(hexadecimal(overlay.utf8))\"," + text
    }

    private func line(_ what: String, at now: MonotonicInstant, _ link: LinkID, _ rest: String = "") {
        line(what, at: now, "\"link\":\"\(link.rawValue)\"" + (rest.isEmpty ? "" : "," + rest))
    }

    private func line(_ what: String, at now: MonotonicInstant, _ rest: String = "") {
        write("{\"at\":\(now.nanoseconds),\"what\":\"\(what)\"\(rest.isEmpty ? "" : ",")\(rest)}\n")
    }

    private func write(_ text: String) {
        // A recording that cannot be written is noticed by the test that wants it.
        var text = text
        text.withUTF8 { bytes in _ = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
    }
}

/// The machine's random numbers, recorded where a recorder is given.
struct RecordedRandom: RandomNumberGenerator, Sendable {
    private var source = SystemRandom()
    private let recorder: ConversationRecorder?

    init(recorder: ConversationRecorder?) {
        self.recorder = recorder
    }

    mutating func next() -> UInt64 {
        let value = source.next()
        recorder?.record(random: value)
        return value
    }
}
