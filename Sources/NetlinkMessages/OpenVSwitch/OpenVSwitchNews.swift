/// Something that happened to the datapaths of a namespace, told to multicast groups.
public enum OpenVSwitchNews: Hashable, Sendable {
    /// A datapath appeared or changed, for example its features.
    case datapath(Datapath)
    case datapathGone(Datapath)
    /// A vport appeared or changed, for example its upcall ports.
    case vport(Vport)
    case vportGone(Vport)
    case flow(Flow)
    case flowGone(Flow)
    /// News were lost: look at everything again.
    case resynchronise

    /// Reads a datagram of notifications; messages of other families are skipped.
    public static func read(
        _ datagram: [UInt8], _ families: OpenVSwitchFamilies
    ) throws(NetlinkMessageError) -> [OpenVSwitchNews] {
        var news: [OpenVSwitchNews] = []
        for message in try NetlinkMessage.messages(in: datagram) {
            if let one = try OpenVSwitchNews(message, families) { news.append(one) }
        }
        return news
    }

    /// nil for messages of other families.
    public init?(_ message: NetlinkMessage, _ families: OpenVSwitchFamilies) throws(NetlinkMessageError) {
        switch message.header.type {
        case .overrun: self = .resynchronise
        case families.datapath:
            let datapath = try Datapath(message)
            self = try Self.isDeletion(message) ? .datapathGone(datapath) : .datapath(datapath)
        case families.vport:
            let vport = try Vport(message)
            self = try Self.isDeletion(message) ? .vportGone(vport) : .vport(vport)
        case families.flow:
            let flow = try Flow(message)
            self = try Self.isDeletion(message) ? .flowGone(flow) : .flow(flow)
        default: return nil
        }
    }

    private static func isDeletion(_ message: NetlinkMessage) throws(NetlinkMessageError) -> Bool {
        try GenericHeader(message).command == OpenVSwitchCommand.delete.rawValue
    }
}
