internal import Wire

// Keys and masks as attributes. The kernel's side is net/openvswitch/flow_netlink.c.
// Example, in port 1 and two addresses, little-endian: `0800 0300 01000000 1000 0400 02000000 0c01 02000000 0c02`.

extension FlowKey {
    func write(to writer: inout AttributeWriter) {
        if let inPort { writer.put(KeyAttribute.inPort, uint32: inPort.rawValue) }
        if let tunnel { writer.nest(KeyAttribute.tunnel, marked: false) { tunnel.write(to: &$0) } }
        if let ethernet {
            writer.put(ethernet: ethernet.source.rawValue, ethernet.destination.rawValue)
        }
        if let etherType { writer.put(KeyAttribute.etherType, network: etherType) }
    }

    /// Reads the attributes of a key. Fields that are not modelled are skipped: in an upcall there are many.
    init(_ cursor: AttributeCursor, in bytes: Span<UInt8>) throws(NetlinkMessageError) {
        self.init()
        var cursor = cursor
        while let found = try cursor.next(in: bytes) {
            switch found.number {
            case KeyAttribute.inPort.number:
                inPort = VportNumber(rawValue: try found.uint32(KeyAttribute.inPort, in: bytes))
            case KeyAttribute.tunnel.number:
                tunnel = try TunnelKey(found.nested(KeyAttribute.tunnel), in: bytes)
            case KeyAttribute.ethernet.number:
                let place = try found.place(KeyAttribute.ethernet).lowerBound
                ethernet = EthernetKey(
                    source: MACAddress(low48: bytes.networkInteger(6, at: place)),
                    destination: MACAddress(low48: bytes.networkInteger(6, at: place + 6)))
            case KeyAttribute.etherType.number:
                etherType = UInt16(truncatingIfNeeded: try found.network(KeyAttribute.etherType, in: bytes))
            default: continue
            }
        }
    }
}

extension FlowMask {
    /// Writes the masks of what `key` says; what it does not say stays without, which the kernel takes for zeros.
    /// The Ethernet mask is always written, and a tunnel's has its TTL, since the kernel wants both.
    func write(for key: FlowKey, to writer: inout AttributeWriter) {
        if key.inPort != nil || inPort != 0 { writer.put(KeyAttribute.inPort, uint32: inPort) }
        if key.tunnel != nil || tunnel != .any {
            writer.nest(KeyAttribute.tunnel, marked: false) { tunnel.write(to: &$0) }
        }
        if key.ethernet != nil || ethernetSource | ethernetDestination != 0 {
            writer.put(ethernet: ethernetSource, ethernetDestination)
        }
        if key.etherType != nil || etherType != 0 { writer.put(KeyAttribute.etherType, network: etherType) }
    }

    /// Reads the attributes of a mask; also tells whether bits of other fields are looked at, apart from the tunnel's
    /// protocol, which the kernel always sets.
    static func read(
        _ cursor: AttributeCursor, in bytes: Span<UInt8>
    ) throws(NetlinkMessageError) -> (mask: FlowMask, looksAtOthers: Bool) {
        var mask = FlowMask()
        var others = false
        var cursor = cursor
        while let found = try cursor.next(in: bytes) {
            switch found.number {
            case KeyAttribute.inPort.number: mask.inPort = try found.uint32(KeyAttribute.inPort, in: bytes)
            case KeyAttribute.tunnel.number:
                var inner = found.nested(KeyAttribute.tunnel)
                while let field = try inner.next(in: bytes) {
                    if try !mask.tunnel.read(field, in: bytes), !bytes.isZero(field.payload) { others = true }
                }
            case KeyAttribute.ethernet.number:
                let place = try found.place(KeyAttribute.ethernet).lowerBound
                mask.ethernetSource = bytes.networkInteger(6, at: place)
                mask.ethernetDestination = bytes.networkInteger(6, at: place + 6)
            case KeyAttribute.etherType.number:
                mask.etherType = UInt16(truncatingIfNeeded: try found.network(KeyAttribute.etherType, in: bytes))
            default:
                if !bytes.isZero(found.payload) { others = true }
            }
        }
        return (mask, others)
    }
}

extension TunnelKey {
    func write(to writer: inout AttributeWriter) {
        if let id { writer.put(TunnelAttribute.id, network: id) }
        writer.put(TunnelAttribute.source, network: source.rawValue)
        writer.put(TunnelAttribute.destination, network: destination.rawValue)
        if typeOfService != 0 { writer.put(TunnelAttribute.typeOfService, uint8: typeOfService) }
        writer.put(TunnelAttribute.timeToLive, uint8: timeToLive)
        flags.write(to: &writer)
        if let sourcePort { writer.put(TunnelAttribute.sourcePort, network: sourcePort.rawValue) }
        if let destinationPort { writer.put(TunnelAttribute.destinationPort, network: destinationPort.rawValue) }
    }

    /// Reads the attributes of a tunnel's key; others are skipped.
    init(_ cursor: AttributeCursor, in bytes: Span<UInt8>) throws(NetlinkMessageError) {
        self = .empty
        var cursor = cursor
        while let found = try cursor.next(in: bytes) {
            switch found.number {
            case TunnelAttribute.id.number: id = try found.network(TunnelAttribute.id, in: bytes)
            case TunnelAttribute.source.number:
                source = IPv4Address(rawValue: try found.networkUInt32(TunnelAttribute.source, in: bytes))
            case TunnelAttribute.destination.number:
                destination = IPv4Address(rawValue: try found.networkUInt32(TunnelAttribute.destination, in: bytes))
            case TunnelAttribute.typeOfService.number:
                typeOfService = try found.uint8(TunnelAttribute.typeOfService, in: bytes)
            case TunnelAttribute.timeToLive.number:
                timeToLive = try found.uint8(TunnelAttribute.timeToLive, in: bytes)
            case TunnelAttribute.sourcePort.number:
                sourcePort = PortNumber(rawValue: try found.networkUInt16(TunnelAttribute.sourcePort, in: bytes))
            case TunnelAttribute.destinationPort.number:
                destinationPort = PortNumber(
                    rawValue: try found.networkUInt16(TunnelAttribute.destinationPort, in: bytes))
            default: flags.formUnion(TunnelFlags(found.number))
            }
        }
    }
}

extension TunnelMask {
    fileprivate func write(to writer: inout AttributeWriter) {
        if id != 0 { writer.put(TunnelAttribute.id, network: id) }
        if source != 0 { writer.put(TunnelAttribute.source, network: source) }
        if destination != 0 { writer.put(TunnelAttribute.destination, network: destination) }
        if typeOfService != 0 { writer.put(TunnelAttribute.typeOfService, uint8: typeOfService) }
        writer.put(TunnelAttribute.timeToLive, uint8: timeToLive)
        flags.write(to: &writer)
        if sourcePort != 0 { writer.put(TunnelAttribute.sourcePort, network: sourcePort) }
        if destinationPort != 0 { writer.put(TunnelAttribute.destinationPort, network: destinationPort) }
    }

    /// Takes one attribute; false if it is one of those that are not modelled.
    fileprivate mutating func read(
        _ found: AttributeCursor.Found, in bytes: Span<UInt8>
    ) throws(NetlinkMessageError) -> Bool {
        switch found.number {
        case TunnelAttribute.id.number: id = try found.network(TunnelAttribute.id, in: bytes)
        case TunnelAttribute.source.number: source = try found.networkUInt32(TunnelAttribute.source, in: bytes)
        case TunnelAttribute.destination.number:
            destination = try found.networkUInt32(TunnelAttribute.destination, in: bytes)
        case TunnelAttribute.typeOfService.number:
            typeOfService = try found.uint8(TunnelAttribute.typeOfService, in: bytes)
        case TunnelAttribute.timeToLive.number:
            timeToLive = try found.uint8(TunnelAttribute.timeToLive, in: bytes)
        case TunnelAttribute.sourcePort.number:
            sourcePort = try found.networkUInt16(TunnelAttribute.sourcePort, in: bytes)
        case TunnelAttribute.destinationPort.number:
            destinationPort = try found.networkUInt16(TunnelAttribute.destinationPort, in: bytes)
        default:
            let flag = TunnelFlags(found.number)
            flags.formUnion(flag)
            return !flag.isEmpty || found.number == TunnelAttribute.padding
        }
        return true
    }
}

extension TunnelFlags {
    fileprivate func write(to writer: inout AttributeWriter) {
        if contains(.dontFragment) { writer.put(flag: TunnelAttribute.dontFragment) }
        if contains(.checksum) { writer.put(flag: TunnelAttribute.checksum) }
        if contains(.control) { writer.put(flag: TunnelAttribute.control) }
    }

    /// The flag that an attribute stands for by being there; empty if it is none.
    fileprivate init(_ number: UInt16) {
        switch number {
        case TunnelAttribute.dontFragment.number: self = .dontFragment
        case TunnelAttribute.checksum.number: self = .checksum
        case TunnelAttribute.control.number: self = .control
        default: self = []
        }
    }
}

extension AttributeWriter {
    /// `struct ovs_key_ethernet` from two addresses or masks of 48 bits.
    fileprivate mutating func put(ethernet source: UInt64, _ destination: UInt64) {
        begin(KeyAttribute.ethernet.number, 12)
        append { bytes in
            bytes.appendNetwork(UInt16(truncatingIfNeeded: source >> 32))
            bytes.appendNetwork(UInt32(truncatingIfNeeded: source))
            bytes.appendNetwork(UInt16(truncatingIfNeeded: destination >> 32))
            bytes.appendNetwork(UInt32(truncatingIfNeeded: destination))
        }
    }
}

extension AttributeCursor.Found {
    fileprivate func networkUInt32(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt32 {
        UInt32(truncatingIfNeeded: try network(spec, in: bytes))
    }

    fileprivate func networkUInt16(_ spec: AttributeSpec, in bytes: Span<UInt8>) throws(NetlinkMessageError) -> UInt16 {
        UInt16(truncatingIfNeeded: try network(spec, in: bytes))
    }
}

extension Span<UInt8> {
    func isZero(_ range: Range<Int>) -> Bool {
        for index in range where self[index] != 0 { return false }
        return true
    }
}
