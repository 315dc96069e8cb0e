public import Overlay
public import Wire

/// Everything that decisions about frames need of the control plane, at one instant.
public struct FastView: Equatable, Sendable {
    /// Routes over all neighbours that frames can be sent to, whatever the overlay.
    public let routes: ForwardingSnapshot
    /// The neighbours that frames go to by tunnel now.
    public let tunnels: [PeerName: TunnelEnds]
    /// Who may send to us by tunnel, by outer source: every neighbour that has this overlay, whether or not we use it.
    public let senders: [IPv4Address: PeerName]
    public let shortIDs: [PeerName: ShortID]
    public let owners: [ShortID: PeerName]

    public init(
        routes: ForwardingSnapshot, tunnels: [PeerName: TunnelEnds], senders: [IPv4Address: PeerName],
        owners: [ShortID: PeerName]
    ) {
        self.routes = routes
        self.tunnels = tunnels
        self.senders = senders
        self.owners = owners
        shortIDs = Dictionary(owners.map { ($0.value, $0.key) }) { first, _ in first }
    }

    public var ownName: PeerName { routes.ownName }
}
