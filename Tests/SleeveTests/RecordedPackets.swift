import Sleeve
import TestSupport
import Wire

/// What a recording holds for sleeve: `Tests/Fixtures/sleeve/README.md`.
struct Recording {
    /// One UDP payload, IP fragments put together.
    struct Datagram {
        /// The packet's number in the recording, from 1; of the last fragment.
        let number: Int
        let source: Endpoint
        let dontFragment: Bool
        let payload: [UInt8]
    }
    /// One control message of sleeve on the mesh connection.
    struct Control {
        let number: Int
        let sender: IPAddress
        let message: SleeveControl
    }

    let datagrams: [Datagram]
    let controls: [Control]
    /// Seconds since the first packet, by number - 1.
    let times: [Double]
    let sessionKey: [UInt8]?

    init(_ name: String) throws {
        let sidecar = try Fixture.json("sleeve/\(name).json", as: Sidecar.self)
        sessionKey = sidecar.sessionKey.flatMap { bytes(hexadecimal: $0) }
        times = sidecar.packets.map(\.t)
        controls = sidecar.packets.flatMap(\.sleeveControls)
        datagrams = Recording.datagrams(try Fixture.bytes("sleeve/\(name).pcap"))
    }
}

/// The decoded half of a recording, one line a packet.
private struct Sidecar: Decodable {
    struct Message: Decodable {
        let overlayTag: UInt8?
        let data: String?

        private enum CodingKeys: String, CodingKey {
            case data
            case overlayTag = "overlay_tag"
        }
    }
    struct Packet: Decodable {
        let n: Int
        let t: Double
        let direction: String
        let control: [Message]?

        var sleeveControls: [Recording.Control] {
            guard let sender = direction.split(separator: " ").first.flatMap({ IPAddress(text: $0) }) else { return [] }
            return (control ?? []).compactMap { message in
                guard let tag = message.overlayTag, let payload = bytes(hexadecimal: message.data ?? ""),
                    let control = SleeveControl(tag: tag, payload: payload)
                else { return nil }
                return Recording.Control(number: n, sender: sender, message: control)
            }
        }
    }
    let packets: [Packet]
    let sessionKey: String?

    private enum CodingKeys: String, CodingKey {
        case packets
        case sessionKey = "session_key"
    }
}

extension Recording {
    /// Reads a little-endian pcap of Ethernet frames: a header of 24 bytes, then 16 bytes and a frame for each packet.
    private static func datagrams(_ file: [UInt8]) -> [Datagram] {
        var found: [Datagram] = []
        var pieces: [UInt16: [UInt8]] = [:]
        var offset = 24
        var number = 0
        while offset + 16 <= file.count {
            let length = (0..<4).reduce(0) { $0 | Int(file[offset + 8 + $1]) << (8 * $1) }
            let packet = Array(file[(offset + 16 + 14)..<(offset + 16 + length)])
            offset += 16 + length
            number += 1
            guard packet[0] == 0x45, packet[9] == 17 else { continue }
            let total = Int(packet[2]) << 8 | Int(packet[3])
            let id = UInt16(packet[4]) << 8 | UInt16(packet[5])
            let start = (Int(packet[6] & 0x1f) << 8 | Int(packet[7])) * 8
            if start == 0 { pieces[id] = [] }
            // A recording may leave out the later fragments: then the first is never completed.
            guard pieces[id]?.count == start else { continue }
            pieces[id]?.append(contentsOf: packet[20..<total])
            guard packet[6] & 0x20 == 0, let whole = pieces.removeValue(forKey: id) else { continue }
            let address = IPAddress(text: packet[12..<16].map(String.init).joined(separator: "."))
            let port = PortNumber(rawValue: UInt16(whole[0]) << 8 | UInt16(whole[1]))
            guard let address, Int(whole[4]) << 8 | Int(whole[5]) == whole.count else { continue }
            found.append(
                Datagram(
                    number: number, source: Endpoint(address, port), dontFragment: packet[6] & 0x40 != 0,
                    payload: Array(whole.dropFirst(8))))
        }
        return found
    }
}
