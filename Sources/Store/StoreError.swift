/// Why the state could not be read or written.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// The file or its directory cannot be opened or created.
        case cannotOpen
        /// Another process holds it: a second daemon with the same state directory.
        case locked
        /// The file is no database, or damaged.
        case corrupt
        /// Written by a newer version of weft.
        case newer
        /// Anything else that SQLite refused.
        case failed
    }
    public let reason: Reason
    /// Names the file, the cause in SQLite's words, and what to do.
    public let description: String
}
