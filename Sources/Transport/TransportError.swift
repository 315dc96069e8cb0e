/// Why the mesh's port could not be opened.
public struct TransportError: Error, CustomStringConvertible {
    /// Names the address, the cause and what to do.
    public let description: String
}
