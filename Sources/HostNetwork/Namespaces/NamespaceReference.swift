/// How people and programs name a network namespace.
public enum NamespaceReference: Hashable, Sendable {
    /// A name of `ip netns`: a file in /run/netns or /var/run/netns.
    case name(String)
    /// A file that is a namespace, such as a container engine's `SandboxKey`.
    case path(String)
    /// The namespace of a process.
    case pid(Int32)

    /// Where named namespaces are, in the order of looking.
    static let directories = ["/run/netns", "/var/run/netns"]

    /// Opens it; not found is told apart from other errors.
    public func open() throws(HostNetworkError) -> NamespaceDescriptor {
        switch self {
        case .path(let path): return try NamespaceDescriptor(path: path, label: description)
        case .pid(let pid): return try NamespaceDescriptor(path: "/proc/\(pid)/ns/net", label: description)
        case .name(let name):
            guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
                throw HostNetworkError(
                    .invalid, description, cause: "that cannot be a namespace's name",
                    nextStep: "`ip netns` lists the names; a path begins with a slash")
            }
            for directory in Self.directories.dropLast() {
                do {
                    return try NamespaceDescriptor(path: "\(directory)/\(name)", label: description)
                } catch  where error.reason == .notFound {
                    continue
                }
            }
            return try NamespaceDescriptor(path: "/var/run/netns/\(name)", label: description)
        }
    }
}

extension NamespaceReference: CustomStringConvertible {
    public var description: String {
        switch self {
        case .name(let name): "network namespace \(name)"
        case .path(let path): "network namespace \(path)"
        case .pid(let pid): "network namespace of process \(pid)"
        }
    }
}
