public import Wire

/// What outlives the daemon: peer name, targets, neighbours, attachments, in one small SQLite file.
///
/// Owner: one thread at a time. Every write is durable when the call returns: a rollback journal and full
/// synchronisation are slower than a write-ahead log, but need one file, and the state changes a few times a day.
public struct StateStore: ~Copyable {
    /// The layout of the tables; a file with a higher number is refused.
    private static let schemaVersion = 1
    /// Within the state directory.
    public static let fileName = "weft.db"

    private let database: Database

    /// Opens or creates `DIRECTORY/weft.db`; the directory must exist.
    public init(directory: String) throws(StoreError) {
        let path = "\(directory)/\(StateStore.fileName)"
        let database = try Database(path: path)
        let found = Int(try database.query("PRAGMA user_version").first?.first ?? "") ?? 0
        guard found <= StateStore.schemaVersion else {
            throw StoreError(
                reason: .newer,
                description: "\(path) was written by a newer weft (layout \(found)); install that version again")
        }
        if found == 0 {
            try database.execute(
                """
                BEGIN;
                CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS targets (position INTEGER PRIMARY KEY, text TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS attachments (
                    container TEXT PRIMARY KEY, label TEXT, namespace TEXT NOT NULL, addresses TEXT NOT NULL,
                    since INTEGER NOT NULL);
                PRAGMA user_version = \(StateStore.schemaVersion);
                COMMIT;
                """)
        }
        self.database = database
    }

    /// The stored name; nil before the first start, or if what is stored is none.
    public func peerName() throws(StoreError) -> PeerName? {
        try database.query("SELECT value FROM facts WHERE key = 'peer'").first?.first.flatMap { PeerName(text: $0) }
    }

    public func setPeerName(_ name: PeerName) throws(StoreError) {
        _ = try database.query("INSERT OR REPLACE INTO facts VALUES ('peer', ?)", [name.description])
    }

    /// The short id of the last run; nil before the first.
    public func shortID() throws(StoreError) -> ShortID? {
        try database.query("SELECT value FROM facts WHERE key = 'short-id'").first?.first
            .flatMap { UInt16($0) }.flatMap { ShortID(rawValue: $0) }
    }

    public func setShortID(_ id: ShortID) throws(StoreError) {
        _ = try database.query("INSERT OR REPLACE INTO facts VALUES ('short-id', ?)", ["\(id)"])
    }

    /// In the order in which they were given.
    public func targets() throws(StoreError) -> [String] {
        try database.query("SELECT text FROM targets ORDER BY position").compactMap(\.first)
    }

    /// Replaces the whole list.
    public func setTargets(_ targets: [String]) throws(StoreError) {
        try transaction { (database) throws(StoreError) in
            try database.execute("DELETE FROM targets")
            for (position, text) in targets.enumerated() {
                _ = try database.query("INSERT INTO targets VALUES (?, ?)", ["\(position)", text])
            }
        }
    }

    /// The neighbours of the last run.
    public func neighbours() throws(StoreError) -> [PeerAddress] {
        let text = try database.query("SELECT value FROM facts WHERE key = 'neighbours'").first?.first ?? ""
        return text.split(separator: " ").compactMap { PeerAddress(text: String($0)) }
    }

    /// Replaces the whole list.
    public func setNeighbours(_ neighbours: [PeerAddress]) throws(StoreError) {
        _ = try database.query(
            "INSERT OR REPLACE INTO facts VALUES ('neighbours', ?)",
            [neighbours.map(\.description).joined(separator: " ")])
    }

    /// By container.
    public func attachments() throws(StoreError) -> [Attachment] {
        let rows = try database.query(
            "SELECT container, label, namespace, addresses, since FROM attachments ORDER BY container")
        return rows.compactMap { row in
            guard row.count == 5, let since = Int64(row[4]) else { return nil }
            return Attachment(
                container: row[0], label: row[1].isEmpty ? nil : row[1], namespacePath: row[2],
                addresses: row[3].split(separator: " ").compactMap { InterfaceAddress(text: $0) },
                since: WallClockInstant(nanosecondsSince1970: since))
        }
    }

    /// Adds an attachment, or replaces the one of the same container.
    public func save(_ attachment: Attachment) throws(StoreError) {
        _ = try database.query(
            "INSERT OR REPLACE INTO attachments VALUES (?, ?, ?, ?, ?)",
            [
                attachment.container, attachment.label ?? "", attachment.namespacePath,
                attachment.addresses.map(\.description).joined(separator: " "),
                "\(attachment.since.nanosecondsSince1970)",
            ])
    }

    /// Forgets an attachment; nothing if there is none.
    public func removeAttachment(container: String) throws(StoreError) {
        _ = try database.query("DELETE FROM attachments WHERE container = ?", [container])
    }

    /// Forgets everything and removes the file: a new start gets a new name. Nothing may be stored afterwards.
    public func removeEverything() throws(StoreError) {
        try database.execute("BEGIN; DELETE FROM facts; DELETE FROM targets; DELETE FROM attachments; COMMIT;")
        try database.removeFile()
    }

    private func transaction(_ body: (borrowing Database) throws(StoreError) -> Void) throws(StoreError) {
        try database.execute("BEGIN")
        do throws(StoreError) {
            try body(database)
            try database.execute("COMMIT")
        } catch {
            // The first failure is the one to tell of; a failed rollback changes nothing on disk either.
            try? database.execute("ROLLBACK")
            throw error
        }
    }
}
