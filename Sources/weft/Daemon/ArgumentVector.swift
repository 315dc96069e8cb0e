import Glibc

/// Arguments in the form that exec and posix_spawn take: pointers to strings that end with zero, the list ending with
/// nil. Owns the strings.
@safe struct ArgumentVector: ~Copyable {
    private let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ arguments: [String]) {
        unsafe pointers = arguments.map { unsafe strdup($0) } + [nil]
    }

    deinit {
        for index in unsafe pointers.indices { unsafe free(pointers[index]) }
    }

    /// Lends the vector; it is valid until `body` returns.
    borrowing func withPointers(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> CInt) -> CInt {
        unsafe pointers.withUnsafeBufferPointer { buffer in
            // Never nil: the list has at least its end.
            guard let first = buffer.baseAddress else { return EINVAL }
            return unsafe body(first)
        }
    }
}

/// Replaces this process by a program; a name without `/` is looked for in PATH. Returns only on failure, the errno.
func execute(_ program: String, arguments: [String]) -> CInt {
    let vector = ArgumentVector([program] + arguments)
    _ = unsafe vector.withPointers { unsafe execvp(program, $0) }
    return errno
}
