// Requests about flows. The kernel's side is net/openvswitch/datapath.c.

/// Which flow is meant.
public enum FlowIdentity: Hashable, Sendable {
    /// The name that it was made with; faster than a key.
    case id(FlowID)
    /// The very key that it was made with, of a flow made without a name.
    case key(FlowKey)
    /// The key as a list told it (`Flow.keyBytes`).
    case recorded([UInt8])

    func write(to writer: inout AttributeWriter) {
        switch self {
        case .id(let id): id.write(to: &writer)
        case .key(let key): writer.nest(FlowAttribute.key, marked: false) { key.write(to: &$0) }
        case .recorded(let bytes): writer.put(FlowAttribute.key, bytes: bytes)
        }
    }
}

extension Flow {
    /// What to name in requests about this flow.
    public var identity: FlowIdentity { id.map { .id($0) } ?? .recorded(keyBytes) }
}

/// What is to happen if there is a flow of the same key or name.
public enum FlowCreation: Hashable, Sendable {
    /// `EEXIST`.
    case onlyNew
    /// Its actions are replaced; statistics stay. Only of flows without a name: of others the kernel compares its masked
    /// key with the whole one it is given, which differ, and says `ENOENT`. Use `changeFlow` for them.
    case orReplace

    var flags: NetlinkFlags {
        switch self {
        case .onlyNew: [.create, .exclusive]
        // Without NLM_F_CREATE and NLM_F_EXCL an equal flow is overwritten; with one of them it is an error.
        case .orReplace: []
        }
    }
}

/// `OVS_UFID_F_…`, linux/openvswitch.h: what a list leaves out.
public struct FlowOmissions: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The key, of flows that have a name.
    public static let key = FlowOmissions(rawValue: 1)
    public static let mask = FlowOmissions(rawValue: 2)
    public static let actions = FlowOmissions(rawValue: 4)
    /// Name, statistics and use only.
    public static let allButUse: FlowOmissions = [.key, .mask, .actions]
}

extension OpenVSwitchFamilies {
    /// Makes a flow. One that an existing flow's mask already matches, of whatever mask, counts as existing (`EEXIST`,
    /// `ENOENT`): the kernel keeps flows apart, it has no priorities. `probe` keeps the kernel from logging why it refuses (`OVS_FLOW_ATTR_PROBE`); such a flow is
    /// real all the same. With `.acknowledge` the answer is a verdict, with `.echo` the flow.
    public func createFlow(
        _ match: FlowMatch, actions: [FlowAction], id: FlowID? = nil, _ creation: FlowCreation = .orReplace,
        in index: DatapathIndex, probe: Bool = false, answer: NetlinkFlags = .acknowledge
    ) -> NetlinkRequest {
        request(flow, .new, answer.union(creation.flags), index, operation: "create a flow") { writer in
            Self.write(match, actions, id, probe: probe, to: &writer)
        }
    }

    /// The same into a batch.
    public func appendCreateFlow(
        _ match: FlowMatch, actions: [FlowAction], id: FlowID? = nil, _ creation: FlowCreation = .orReplace,
        in index: DatapathIndex, to batch: inout NetlinkBatch
    ) {
        let flags = creation.flags.union(.acknowledge)
        append(to: &batch, flow, command: OpenVSwitchCommand.new.rawValue, flags, index) { writer in
            Self.write(match, actions, id, probe: false, to: &writer)
        }
    }

    /// Replaces the actions of an existing flow (`ENOENT` otherwise), clears its statistics, or both.
    /// - Parameter actions: nil leaves them.
    public func changeFlow(
        _ match: FlowMatch, id: FlowID? = nil, actions: [FlowAction]? = nil, clearStatistics: Bool = false,
        in index: DatapathIndex
    ) -> NetlinkRequest {
        request(flow, .set, .acknowledge, index, operation: "change a flow") { writer in
            Self.write(match, id, actions, clear: clearStatistics, to: &writer)
        }
    }

    /// The same into a batch.
    public func appendChangeFlow(
        _ match: FlowMatch, id: FlowID? = nil, actions: [FlowAction]? = nil, clearStatistics: Bool = false,
        in index: DatapathIndex, to batch: inout NetlinkBatch
    ) {
        append(to: &batch, flow, command: OpenVSwitchCommand.set.rawValue, .acknowledge, index) { writer in
            Self.write(match, id, actions, clear: clearStatistics, to: &writer)
        }
    }

    /// Deletes a flow; `ENOENT` if it is gone. With `.echo` its last statistics are the answer.
    public func deleteFlow(
        _ identity: FlowIdentity, in index: DatapathIndex, answer: NetlinkFlags = .acknowledge
    ) -> NetlinkRequest {
        request(flow, .delete, answer, index, operation: "delete a flow") { identity.write(to: &$0) }
    }

    /// The same into a batch.
    public func appendDeleteFlow(_ identity: FlowIdentity, in index: DatapathIndex, to batch: inout NetlinkBatch) {
        append(to: &batch, flow, command: OpenVSwitchCommand.delete.rawValue, .acknowledge, index) { writer in
            identity.write(to: &writer)
        }
    }

    /// Deletes all flows of a datapath at once.
    public func deleteAllFlows(in index: DatapathIndex) -> NetlinkRequest {
        request(flow, .delete, .acknowledge, index, operation: "delete all flows of datapath \(index.rawValue)")
    }

    /// Looks a flow up; `ENOENT` if it is not there.
    public func flow(_ identity: FlowIdentity, in index: DatapathIndex) -> NetlinkRequest {
        request(flow, .get, .echo, index, operation: "look up a flow") { identity.write(to: &$0) }
    }

    /// Lists the flows of a datapath, whole or without some parts.
    public func flows(in index: DatapathIndex, omitting omissions: FlowOmissions = []) -> NetlinkRequest {
        request(flow, .get, .dump, index, operation: "list flows of datapath \(index.rawValue)") { writer in
            if !omissions.isEmpty { writer.put(FlowAttribute.idFlags, uint32: omissions.rawValue) }
        }
    }

    private static func write(
        _ match: FlowMatch, _ actions: [FlowAction], _ id: FlowID?, probe: Bool, to writer: inout AttributeWriter
    ) {
        id?.write(to: &writer)
        write(match, to: &writer)
        writer.nest(FlowAttribute.actions, marked: false) { FlowAction.write(actions, to: &$0) }
        if probe { writer.put(flag: FlowAttribute.probe) }
    }

    private static func write(
        _ match: FlowMatch, _ id: FlowID?, _ actions: [FlowAction]?, clear: Bool, to writer: inout AttributeWriter
    ) {
        id?.write(to: &writer)
        write(match, to: &writer)
        if let actions {
            writer.nest(FlowAttribute.actions, marked: false) { FlowAction.write(actions, to: &$0) }
        }
        if clear { writer.put(flag: FlowAttribute.clear) }
    }

    private static func write(_ match: FlowMatch, to writer: inout AttributeWriter) {
        writer.nest(FlowAttribute.key, marked: false) { match.key.write(to: &$0) }
        writer.nest(FlowAttribute.mask, marked: false) { match.mask.write(for: match.key, to: &$0) }
    }
}
