internal import Gob
internal import Wire

/// A message whose body can't be read.
public struct MeshMessageError: Error, Hashable, Sendable, CustomStringConvertible {
    public let tag: UInt8
    /// In a few words.
    public let reason: String

    public var description: String { "a message with tag \(tag) can't be read: \(reason)" }
}

/// Messages as bytes: a tag and its body. `docs/protocol-mesh.md`, "Messages".
///
/// Gossip bodies are gob values of built-in types, one after the other, so their bytes are canonical:
/// ```
/// 04 | 0b 0c 00 08 "topology" | 09 06 00 fa 02 00 00 00 0b 01 | 05 0a 00 02 01 02
/// ```
public enum MeshMessageCodec {
    /// Reads a message.
    ///
    /// Deviations from the original, all on what no real peer sends: bodies that crash it (tag 7 of less than two
    /// bytes) are errors; names beyond 48 bits are errors; messages on channels whose name is not UTF-8, and unicasts
    /// without payload, which a relay may not have noticed, are ignored as `.unknown`.
    public static func decode(_ message: [UInt8]) throws(MeshMessageError) -> MeshMessage {
        guard let tag = message.first else { return .unknown }
        let body = message.dropFirst()
        switch tag {
        case 0:
            return .heartbeat
        case 1, 2, 3:
            return .plainOverlayControl(tag: tag, body: Array(body))
        case 4, 5, 6:
            if let message = plainGossip(tag, message) { return message }
            do throws(GobError) {
                return try gossip(tag, body)
            } catch {
                throw MeshMessageError(tag: tag, reason: "\(error)")
            }
        case 7:
            guard body.count >= 2 else {
                throw MeshMessageError(tag: tag, reason: "overlay control of \(body.count) bytes, 2 are needed")
            }
            return .overlayControl(
                index: body[body.startIndex], tag: body[body.startIndex + 1], body: Array(body.dropFirst(2)))
        case WeftMessageCodec.tag:
            return .weft(try WeftMessageCodec.decode(body))
        default:
            return .unknown
        }
    }

    /// The bytes of a message; `.unknown` becomes an empty one, which all receivers ignore.
    public static func encode(_ message: MeshMessage) -> [UInt8] {
        switch message {
        case .heartbeat: [0]
        case .plainOverlayControl(let tag, let body): [tag] + body
        case .gossip(let channel, let source, let payload): encode(4, channel, [source], payload)
        case .unicast(let channel, let source, let destination, let payload):
            encode(5, channel, [source, destination], payload)
        case .broadcast(let channel, let source, let payload): encode(6, channel, [source], payload)
        case .overlayControl(let index, let tag, let body): [7, index, tag] + body
        case .weft(let message): WeftMessageCodec.encode(message)
        case .unknown: []
        }
    }

    /// The same as `gossip` for bodies as every encoder writes them; nil: `gossip` has to see to it.
    private static func plainGossip(_ tag: UInt8, _ message: [UInt8]) -> MeshMessage? {
        var reader = GobPlainReader(message, from: 1)
        guard let channelBytes = reader.stringValue(), let source = reader.uint().flatMap(PeerName.init(rawValue:)),
            let destination = tag == 5 ? reader.uint().flatMap(PeerName.init(rawValue:)) : source,
            let payloadBytes = reader.bytesValue(), let channel = channel(message[channelBytes])
        else { return nil }
        let payload = Array(message[payloadBytes])
        return switch tag {
        case 4: .gossip(channel: channel, source: source, payload: payload)
        case 5: .unicast(channel: channel, source: source, destination: destination, payload: payload)
        default: .broadcast(channel: channel, source: source, payload: payload)
        }
    }

    /// Nearly all of it is topology.
    private static func channel(_ bytes: ArraySlice<UInt8>) -> String? {
        let topology = TopologyChannel.wireName
        return bytes.elementsEqual(topology.utf8) ? topology : String(validating: bytes, as: UTF8.self)
    }

    private static func gossip(_ tag: UInt8, _ body: ArraySlice<UInt8>) throws(GobError) -> MeshMessage {
        var decoder = GobDecoder(body)
        guard case .string(let channelBytes)? = try decoder.next(.string) else {
            throw GobError(.truncated(needed: 1, left: 0), at: "channel")
        }
        let source = try name("source", from: &decoder)
        let destination = tag == 5 ? try name("destination", from: &decoder) : source
        guard case .bytes(let payload)? = try decoder.next(.bytes) else {
            guard tag == 5 else { throw GobError(.truncated(needed: 1, left: 0), at: "payload") }
            return .unknown
        }
        guard let channel = String(validating: channelBytes, as: UTF8.self) else { return .unknown }
        return switch tag {
        case 4: .gossip(channel: channel, source: source, payload: payload)
        case 5: .unicast(channel: channel, source: source, destination: destination, payload: payload)
        default: .broadcast(channel: channel, source: source, payload: payload)
        }
    }

    private static func name(_ field: String, from decoder: inout GobDecoder) throws(GobError) -> PeerName {
        guard case .uint(let number)? = try decoder.next(.uint) else {
            throw GobError(.truncated(needed: 1, left: 0), at: field)
        }
        guard let name = PeerName(rawValue: number) else { throw GobError(.outOfRange, at: field) }
        return name
    }

    private static func encode(_ tag: UInt8, _ channel: String, _ names: [PeerName], _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [tag]
        bytes.reserveCapacity(payload.count + channel.utf8.count + 48)
        GobPlainWriter.append(text: channel, to: &bytes)
        for name in names { GobPlainWriter.append(uint: name.rawValue, to: &bytes) }
        GobPlainWriter.append(bytes: payload, to: &bytes)
        return bytes
    }
}
