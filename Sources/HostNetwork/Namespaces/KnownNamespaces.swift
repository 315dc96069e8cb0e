internal import Glibc
internal import Netlink

/// The namespaces of this machine that can be opened: named ones, and those of processes.
struct KnownNamespaces {
    struct Entry {
        let reference: NamespaceReference
        let identity: NamespaceIdentity
    }

    /// By the number that the host's namespace has given them.
    private(set) var entries: [Int32: Entry] = [:]

    /// Looks for the namespaces with these numbers, in `ip netns` names first, then in processes from the lowest id on.
    /// A namespace without name and process (or in another pid namespace) is not found.
    init(numbers: Set<Int32>, host: borrowing NetworkSpace) {
        var wanted = numbers
        var seen: Set<NamespaceIdentity> = []
        for directory in NamespaceReference.directories {
            for name in SystemCalls.entries(of: directory) where !wanted.isEmpty {
                look(at: .name(name), "\(directory)/\(name)", host, &wanted, &seen)
            }
        }
        guard !wanted.isEmpty else { return }
        for pid in SystemCalls.entries(of: "/proc").compactMap({ Int32($0) }).sorted() where !wanted.isEmpty {
            look(at: .pid(pid), "/proc/\(pid)/ns/net", host, &wanted, &seen)
        }
    }

    private mutating func look(
        at reference: NamespaceReference, _ path: String, _ host: borrowing NetworkSpace, _ wanted: inout Set<Int32>,
        _ seen: inout Set<NamespaceIdentity>
    ) {
        // try?: a process may end between two looks; then there is nothing to describe, which is no error.
        guard let identity = try? SystemCalls.identity(at: path), seen.insert(identity).inserted,
            let descriptor = try? NamespaceDescriptor(path: path, label: reference.description),
            let number = try? host.number(of: descriptor), wanted.remove(number) != nil
        else { return }
        entries[number] = Entry(reference: reference, identity: identity)
    }
}
