import NetlinkMessages
import Testing
import Wire

// What the descriptions say, as the values that the decoders should have made. Written against the text only.

extension [DescribedAttribute] {
    subscript(_ name: String) -> DescribedValue? { last { $0.name == name }?.value }

    func number(_ name: String) -> UInt64? {
        if case .number(let value) = self[name] { value } else { nil }
    }

    func text(_ name: String) -> String? {
        if case .text(let value) = self[name] { value } else { nil }
    }

    func nest(_ name: String) -> [DescribedAttribute]? {
        if case .nest(let value) = self[name] { value } else { nil }
    }

    /// A list of numbers, host order, from hex.
    func words(_ name: String) -> [UInt64]? {
        text(name).map { text in
            let bytes = bytesOf(text)
            return stride(from: 0, to: bytes.count, by: 8).map { start in
                bytes[start..<(start + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
        }
    }

    var tunnelKey: TunnelKey? {
        guard let nest = nest("TUNNEL") else { return nil }
        let address = { (name: String) in nest.text(name).flatMap { IPv4Address(text: $0) } ?? .any }
        let port = { (name: String) in nest.number(name).map { PortNumber(rawValue: UInt16($0)) } }
        var flags: TunnelFlags = []
        if case .flag = nest["DONT_FRAGMENT"] { flags.insert(.dontFragment) }
        if case .flag = nest["CSUM"] { flags.insert(.checksum) }
        return TunnelKey(
            id: nest.text("ID").flatMap { UInt64($0, radix: 16) }, source: address("IPV4_SRC"),
            destination: address("IPV4_DST"), timeToLive: UInt8(nest.number("TTL") ?? 0),
            typeOfService: UInt8(nest.number("TOS") ?? 0), flags: flags, sourcePort: port("TP_SRC"),
            destinationPort: port("TP_DST"))
    }

    var flowKey: FlowKey {
        var key = FlowKey()
        key.inPort = number("IN_PORT").map { VportNumber(rawValue: UInt32($0)) }
        key.tunnel = tunnelKey
        if case .fields(let fields) = self["ETHERNET"], let source = MACAddress(text: fields["src"] ?? ""),
            let destination = MACAddress(text: fields["dst"] ?? "")
        {
            key.ethernet = EthernetKey(source: source, destination: destination)
        }
        key.etherType = text("ETHERTYPE").flatMap { UInt16($0, radix: 16) }
        return key
    }

    var flowMask: FlowMask {
        let key = flowKey
        let tunnel = key.tunnel.map { tunnel in
            TunnelMask(
                id: tunnel.id ?? 0, source: tunnel.source.rawValue, destination: tunnel.destination.rawValue,
                typeOfService: tunnel.typeOfService, timeToLive: tunnel.timeToLive, flags: tunnel.flags,
                sourcePort: tunnel.sourcePort?.rawValue ?? 0, destinationPort: tunnel.destinationPort?.rawValue ?? 0)
        }
        return FlowMask(
            inPort: key.inPort?.rawValue ?? 0, tunnel: tunnel ?? .any,
            ethernetSource: key.ethernet?.source.rawValue ?? 0,
            ethernetDestination: key.ethernet?.destination.rawValue ?? 0, etherType: key.etherType ?? 0)
    }

    var flowActions: [FlowAction] {
        map { attribute in
            switch (attribute.name, attribute.value) {
            case ("OUTPUT", .number(let port)): return .output(VportNumber(rawValue: UInt32(port)))
            case ("SET", .nest(let set)):
                if let tunnel = set.tunnelKey { return .setTunnel(tunnel) }
            default: break
            }
            Issue.record("an action that the test does not know: \(attribute.name)")
            return .drop(reason: 0)
        }
    }
}

/// Bytes from hexadecimal digits.
func bytesOf(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) }
}
