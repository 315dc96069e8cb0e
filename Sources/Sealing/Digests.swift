internal import CSodium

/// SHA-256: 32 bytes.
public func sha256(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    _ = unsafe crypto_hash_sha256(&digest, message, UInt64(message.count))
    return digest
}

/// Whether both hold the same bytes, in a time that depends on the length alone.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe sodium_memcmp(left, right, left.count) == 0
}

/// Overwrites `bytes` with zeros, and is not optimised away as a last write.
func wipe(_ bytes: inout [UInt8]) {
    unsafe sodium_memzero(&bytes, bytes.count)
}
