// Lists of actions as attributes. The kernel's side is net/openvswitch/flow_netlink.c.
// Example, output to port 2, little-endian: `0800 0100 02000000`.

extension FlowAction {
    /// How deep actions may contain actions. The kernel refuses more than 16 (`SAMPLE_ACTION_DEPTH` was 3).
    static let deepest = 16

    static func write(_ actions: [FlowAction], to writer: inout AttributeWriter) {
        // By index: builds without optimisation allocate for each element of an iterator, and tests count that.
        for index in actions.indices { actions[index].write(to: &writer) }
    }

    private func write(to writer: inout AttributeWriter) {
        switch self {
        case .output(let port): writer.put(ActionAttribute.output, uint32: port.rawValue)
        case .setTunnel(let tunnel):
            writer.nest(ActionAttribute.set, marked: false) { set in
                set.nest(KeyAttribute.tunnel, marked: false) { tunnel.write(to: &$0) }
            }
        case .userspace(let port, let userdata):
            writer.nest(ActionAttribute.userspace, marked: false) { inner in
                inner.put(ActionAttribute.upcallPort, uint32: port.rawValue)
                if !userdata.isEmpty { inner.put(ActionAttribute.userdata, bytes: userdata) }
            }
        case .checkLength(let limit, let greater, let lessOrEqual):
            writer.nest(ActionAttribute.checkLength, marked: false) { inner in
                inner.put(ActionAttribute.limit, uint16: limit)
                inner.nest(ActionAttribute.greater, marked: false) { Self.write(greater, to: &$0) }
                inner.nest(ActionAttribute.lessOrEqual, marked: false) { Self.write(lessOrEqual, to: &$0) }
            }
        case .truncate(let bytes): writer.put(ActionAttribute.truncate, uint32: bytes)
        case .clone(let actions):
            writer.nest(ActionAttribute.clone, marked: false) { Self.write(actions, to: &$0) }
        case .recirculate(let number): writer.put(ActionAttribute.recirculate, uint32: number)
        case .drop(let reason): writer.put(ActionAttribute.drop, uint32: reason)
        case .other(let number, let payload): writer.put(number: number, bytes: payload)
        }
    }

    /// Reads a list of actions.
    static func read(
        _ cursor: AttributeCursor, in bytes: Span<UInt8>, depth: Int = 0
    ) throws(NetlinkMessageError) -> [FlowAction] {
        guard depth < deepest else { throw .attributeValue(attribute: ActionAttribute.clone.name) }
        var actions: [FlowAction] = []
        var cursor = cursor
        while let found = try cursor.next(in: bytes) {
            actions.append(try read(found, in: bytes, depth: depth))
        }
        return actions
    }

    private static func read(
        _ found: AttributeCursor.Found, in bytes: Span<UInt8>, depth: Int
    ) throws(NetlinkMessageError) -> FlowAction {
        switch found.number {
        case ActionAttribute.output.number:
            return .output(VportNumber(rawValue: try found.uint32(ActionAttribute.output, in: bytes)))
        case ActionAttribute.set.number: return try readSet(found, in: bytes)
        case ActionAttribute.userspace.number: return try readUserspace(found, in: bytes)
        case ActionAttribute.checkLength.number: return try readCheckLength(found, in: bytes, depth: depth)
        case ActionAttribute.truncate.number:
            return .truncate(try found.uint32(ActionAttribute.truncate, in: bytes))
        case ActionAttribute.clone.number:
            return .clone(try read(found.nested(ActionAttribute.clone), in: bytes, depth: depth + 1))
        case ActionAttribute.recirculate.number:
            return .recirculate(try found.uint32(ActionAttribute.recirculate, in: bytes))
        case ActionAttribute.drop.number: return .drop(reason: try found.uint32(ActionAttribute.drop, in: bytes))
        default: return .other(found.number, payload: bytes.copy(found.payload))
        }
    }

    /// Only a tunnel's key is modelled; other fields stay what they are.
    private static func readSet(
        _ found: AttributeCursor.Found, in bytes: Span<UInt8>
    ) throws(NetlinkMessageError) -> FlowAction {
        var inner = found.nested(ActionAttribute.set)
        guard let field = try inner.next(in: bytes) else {
            throw .attributeMissing(attribute: KeyAttribute.tunnel.name)
        }
        guard field.number == KeyAttribute.tunnel.number else {
            return .other(found.number, payload: bytes.copy(found.payload))
        }
        return .setTunnel(try TunnelKey(field.nested(KeyAttribute.tunnel), in: bytes))
    }

    private static func readUserspace(
        _ found: AttributeCursor.Found, in bytes: Span<UInt8>
    ) throws(NetlinkMessageError) -> FlowAction {
        var port: UpcallPort?
        var userdata: [UInt8] = []
        var inner = found.nested(ActionAttribute.userspace)
        while let field = try inner.next(in: bytes) {
            switch field.number {
            case ActionAttribute.upcallPort.number:
                port = UpcallPort(rawValue: try field.uint32(ActionAttribute.upcallPort, in: bytes))
            case ActionAttribute.userdata.number:
                userdata = bytes.copy(try field.place(ActionAttribute.userdata))
            default: continue
            }
        }
        guard let port else { throw .attributeMissing(attribute: ActionAttribute.upcallPort.name) }
        return .userspace(port, userdata: userdata)
    }

    private static func readCheckLength(
        _ found: AttributeCursor.Found, in bytes: Span<UInt8>, depth: Int
    ) throws(NetlinkMessageError) -> FlowAction {
        var limit: UInt16?
        var greater: [FlowAction] = []
        var lessOrEqual: [FlowAction] = []
        var inner = found.nested(ActionAttribute.checkLength)
        while let field = try inner.next(in: bytes) {
            switch field.number {
            case ActionAttribute.limit.number: limit = try field.uint16(ActionAttribute.limit, in: bytes)
            case ActionAttribute.greater.number:
                greater = try read(field.nested(ActionAttribute.greater), in: bytes, depth: depth + 1)
            case ActionAttribute.lessOrEqual.number:
                lessOrEqual = try read(field.nested(ActionAttribute.lessOrEqual), in: bytes, depth: depth + 1)
            default: continue
            }
        }
        guard let limit else { throw .attributeMissing(attribute: ActionAttribute.limit.name) }
        return .checkLength(limit, greater: greater, lessOrEqual: lessOrEqual)
    }
}
