// Executions: a packet and what the kernel is to do with it. The kernel's side is net/openvswitch/datapath.c.

extension OpenVSwitchFamilies {
    /// The longest frame that fits into an attribute, bytes.
    public static let longestFrame = AttributeWriter.longestPayload

    /// Does `actions` with a frame. The kernel takes the key from the frame; of `key` it uses in port and tunnel.
    /// `hash` is an upcall's. Without an answer unless it fails, so that a packet costs one message.
    /// Returns false if the frame is shorter than an Ethernet header or does not fit into an attribute.
    public func appendExecute(
        _ frame: Range<Int>, of bytes: Span<UInt8>, key: FlowKey = FlowKey(), hash: UInt64? = nil,
        actions: [FlowAction], in index: DatapathIndex, answer: NetlinkFlags = [], to batch: inout NetlinkBatch
    ) -> Bool {
        guard frame.count >= 14, frame.count <= Self.longestFrame else { return false }
        append(to: &batch, packet, command: Self.execute, answer, index) { writer in
            writer.put(PacketAttribute.packet, frame, of: bytes)
            writer.nest(PacketAttribute.key, marked: false) { key.write(to: &$0) }
            writer.nest(PacketAttribute.actions, marked: false) { FlowAction.write(actions, to: &$0) }
            if let hash { writer.put(PacketAttribute.hash, uint64: hash) }
        }
        return true
    }

    /// `OVS_PACKET_CMD_EXECUTE`, linux/openvswitch.h.
    static let execute: UInt8 = 3
}
