import Sealing
import Sleeve

/// Opens and seals bodies of one direction for tests, copying as it likes.
final class DatagramOpener {
    private let key: DatagramKey
    private let scratch: LockedBytes

    init(sessionKey: [UInt8], senderDialled: Bool) throws {
        key = try DatagramKey(sessionKey: sessionKey, senderDialled: senderDialled)
        scratch = try LockedBytes(count: DatagramKey.scratchBytes)
    }

    func open(_ sealed: SealedBody) -> [UInt8]? {
        var body = sealed.ciphertext
        let isGenuine = body.withUnsafeMutableBytes { body in
            sealed.tag.withUnsafeBytes { tag in
                guard let body = body.baseAddress, let tag = tag.baseAddress else { return true }
                return key.open(
                    body, count: sealed.ciphertext.count, tag: tag, sequence: sealed.sequence.rawValue,
                    scratch: scratch.base)
            }
        }
        return isGenuine ? body : nil
    }

    func seal(_ clear: [UInt8], sequence: SealedSequence) -> SealedBody {
        var body = clear
        // Room even for an empty body, so that there is an address.
        body.append(0)
        var tag = [UInt8](repeating: 0, count: 16)
        body.withUnsafeMutableBytes { body in
            tag.withUnsafeMutableBytes { tag in
                guard let body = body.baseAddress, let tag = tag.baseAddress else { return }
                key.seal(body, count: clear.count, tag: tag, sequence: sequence.rawValue, scratch: scratch.base)
            }
        }
        return SealedBody(sequence: sequence, tag: tag, ciphertext: body.dropLast())
    }
}
