import Logging
import Store
import Synchronization
import Wire

/// The state on disk, shared by the control loop and request tasks: one at a time. A write that fails is a warning in
/// the log, since the daemon works on without it; only opening must succeed.
final class StoreKeeper: Sendable {
    private let store: Mutex<StateStore>

    init(directory: String) throws(ControlPlaneError) {
        do throws(StoreError) {
            store = Mutex(try StateStore(directory: directory))
        } catch {
            throw ControlPlaneError(description: error.description)
        }
    }

    func peerName(_ logger: Logger) -> PeerName? {
        read("peer name", nil, logger) { (store) throws(StoreError) in try store.peerName() }
    }

    func remember(peerName name: PeerName, _ logger: Logger) {
        read("peer name", (), logger) { (store) throws(StoreError) in try store.setPeerName(name) }
    }

    func shortID(_ logger: Logger) -> ShortID? {
        read("short id", nil, logger) { (store) throws(StoreError) in try store.shortID() }
    }

    func remember(shortID: ShortID, _ logger: Logger) {
        read("short id", (), logger) { (store) throws(StoreError) in try store.setShortID(shortID) }
    }

    func targets(_ logger: Logger) -> [String] {
        read("targets", [], logger) { (store) throws(StoreError) in try store.targets() }
    }

    func remember(targets: [String], _ logger: Logger) {
        read("targets", (), logger) { (store) throws(StoreError) in try store.setTargets(targets) }
    }

    func neighbours(_ logger: Logger) -> [PeerAddress] {
        read("neighbours", [], logger) { (store) throws(StoreError) in try store.neighbours() }
    }

    func remember(neighbours: [PeerAddress], _ logger: Logger) {
        read("neighbours", (), logger) { (store) throws(StoreError) in try store.setNeighbours(neighbours) }
    }

    func attachments(_ logger: Logger) -> [Attachment] {
        read("attachments", [], logger) { (store) throws(StoreError) in try store.attachments() }
    }

    func remember(_ attachment: Attachment, _ logger: Logger) {
        read("attachments", (), logger) { (store) throws(StoreError) in try store.save(attachment) }
    }

    func forget(container: String, _ logger: Logger) {
        read("attachments", (), logger) { (store) throws(StoreError) in
            try store.removeAttachment(container: container)
        }
    }

    /// Forgets name, targets and attachments; says so in words.
    func removeEverything(_ logger: Logger) -> [String] {
        read("state", [], logger) { (store) throws(StoreError) in
            try store.removeEverything()
            return ["stored name, targets and attachments"]
        }
    }

    private func read<Value: Sendable>(
        _ what: String, _ fallback: Value, _ logger: Logger, _ body: (borrowing StateStore) throws(StoreError) -> Value
    ) -> Value {
        store.withLock { store in
            do throws(StoreError) {
                return try body(store)
            } catch {
                logger.warning("state on disk failed", metadata: ["object": "\(what)", "reason": "\(error)"])
                return fallback
            }
        }
    }
}
