import CSQLite
import Glibc

/// One SQLite connection. Used by one thread at a time; closed when dropped.
@safe struct Database: ~Copyable {
    private let handle: OpaquePointer
    private let path: String

    /// Opens or creates the file.
    init(path: String) throws(StoreError) {
        var handle: OpaquePointer?
        let status = unsafe sqlite3_open_v2(
            path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard status == SQLITE_OK, let opened = unsafe handle else {
            let text = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close_v2(handle)
            throw Database.error(status, path, text)
        }
        unsafe self.handle = opened
        self.path = path
        // A second daemon on the same directory is told so instead of waiting for ever.
        unsafe sqlite3_busy_timeout(opened, 2_000)
    }

    deinit {
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs statements without parameters and results.
    func execute(_ sql: String) throws(StoreError) {
        let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw failure(status) }
    }

    /// Runs one statement with text parameters and returns its rows as text; NULL is empty.
    func query(_ sql: String, _ parameters: [String] = []) throws(StoreError) -> [[String]] {
        var statement: OpaquePointer?
        let status = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard status == SQLITE_OK, let prepared = unsafe statement else { throw failure(status) }
        defer { unsafe sqlite3_finalize(prepared) }
        for (index, parameter) in parameters.enumerated() {
            // SQLITE_TRANSIENT: SQLite copies the text before the call returns.
            let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            let bound = unsafe sqlite3_bind_text(prepared, CInt(index + 1), parameter, -1, transient)
            guard bound == SQLITE_OK else { throw failure(bound) }
        }
        var rows: [[String]] = []
        while true {
            switch unsafe sqlite3_step(prepared) {
            case SQLITE_ROW:
                let columns = unsafe sqlite3_column_count(prepared)
                rows.append(
                    (0..<columns).map { column in
                        guard let text = unsafe sqlite3_column_text(prepared, column) else { return "" }
                        return unsafe String(cString: text)
                    })
            case SQLITE_DONE: return rows
            case let other: throw failure(other)
            }
        }
    }

    /// Removes the file; the open connection keeps what it has until it is closed.
    func removeFile() throws(StoreError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw StoreError(
                reason: .failed, description: "cannot remove \(path): \(unsafe String(cString: strerror(errno)))")
        }
    }

    private func failure(_ status: CInt) -> StoreError {
        Database.error(status, path, unsafe String(cString: sqlite3_errmsg(handle)))
    }

    private static func error(_ status: CInt, _ path: String, _ text: String) -> StoreError {
        switch status & 0xff {
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY:
            StoreError(
                reason: .cannotOpen,
                description: "cannot open \(path): \(text); run as root, or choose another --state-dir")
        case SQLITE_BUSY, SQLITE_LOCKED:
            StoreError(
                reason: .locked,
                description: "\(path) is in use by another process; give each daemon its own --state-dir")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            StoreError(
                reason: .corrupt,
                description: "\(path) is damaged (\(text)); move it away and start again: the peer gets a new name")
        default:
            StoreError(reason: .failed, description: "\(path): \(text)")
        }
    }
}
