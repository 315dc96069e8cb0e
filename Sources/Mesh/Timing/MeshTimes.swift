import Wire

/// Every interval of the control plane, with its origin. `docs/protocol-mesh.md`, "Times".
package enum MeshTimes {
    /// Weave Net: complete state of each channel to some neighbours.
    package static let gossipInterval = Duration.seconds(30)
    /// Weave Net: heartbeats on a connection, the first one this long after it was added.
    package static let heartbeat = Duration.seconds(30)
    /// Weave Net: a connection without a complete message for this long is closed.
    package static let silence = Duration.seconds(60)
    /// Weft's choice, all of the handshake (Weave Net: 10 s for the header, 60 s for the rest).
    package static let handshake = Duration.seconds(10)
    /// Weft's choice: longer than a system's SYN retries that still make sense for a peer.
    package static let dial = Duration.seconds(30)
    /// Weft's choice: nothing we sent has left for this long (Weave Net waits for ever).
    package static let sendProgress = Duration.seconds(60)
    /// Weave Net: routes are recalculated at most this often. Weft does it at once after a pause.
    package static let routes = Duration.milliseconds(100)
    /// Weft's choice: so many go ahead of that pace; a connection that comes up takes four.
    package static let routesBurst = 8
    /// Weft's choice: a neighbour that was asked for a record has this long to send it, before another one is asked.
    package static let pull = Duration.seconds(1)
    /// Weft's choice: news that come together are announced together.
    package static let announcementGathering = Duration.milliseconds(20)
    /// Weft's choice: so often a digest of our records goes to `digestNeighbours` of those who know announcements.
    package static let digests = Duration.seconds(5)
    package static let digestNeighbours = 2
    /// Weft's choice: a neighbour that knows no announcements is told everything again after this long, half as often as
    /// Weave Net would: what it has collected as garbage meanwhile comes back only so. Before that, in the pace of the
    /// periodic gossip, only what has changed since.
    package static let retelling = Duration.seconds(60)
    /// Weft's choice: neighbours that know no announcements and were not drawn for a piece of topology get it this much
    /// later, all of it together.
    package static let deferral = Duration.seconds(1)
    /// Weft's choice: all targets are looked at this often at most, after `targetsBurst` looks at once.
    package static let targets = Duration.milliseconds(20)
    package static let targetsBurst = 8
    /// Weave Net: garbage is collected this long after a topology update.
    package static let garbage = Duration.seconds(1)
    /// Weft's choice: after so long without a change `ownUpdateBurst` may be told at once again.
    package static let ownUpdate = Duration.seconds(1)
    /// Weft's choice: from one update of ours to the next, for each neighbour, up to Weave Net's pace, which is 1 s.
    package static let ownUpdatePerNeighbour = Duration.milliseconds(10)
    /// Weft's choice: changes that follow each other at once go into one update.
    package static let ownUpdateGathering = Duration.milliseconds(10)
    /// Weft's choice: beyond the burst, changes wait until there was none for `ownUpdatePause`, and `ownUpdateLatest` at
    /// most.
    package static let ownUpdatePause = Duration.milliseconds(100)
    package static let ownUpdateLatest = Duration.seconds(2)
    /// Weft's choice: a new connection is added, established and announced within milliseconds, not seconds.
    package static let ownUpdateBurst = 4
    /// Weave Net: the connection maker's first interval.
    package static let firstRetry = Duration.seconds(2)
    /// Weave Net: its longest.
    package static let lastRetry = Duration.seconds(360)
    /// Weft's choice: the first of the tries that come early where a daemon may be restarting; each further one doubles.
    package static let earlyRetry = Duration.milliseconds(50)
    /// Weft's choice: how many there are.
    package static let earlyRetries = 5
    /// Weft's choice: between weft peers, a second connection takes the place of one that has worked for so long, more than
    /// two dials at once are apart.
    package static let settled = Duration.seconds(5)
    /// Weft's choice: a neighbour that was lost is tried again after about this long each time, for `seek`, and a dial to
    /// it may take `seekDial`, in which the kernel asks twice: the direct link is back 3 s after it heals.
    package static let seekPause = Duration.milliseconds(500)
    package static let seek = Duration.seconds(600)
    package static let seekDial = Duration.seconds(2)
    /// Weft's choice: how long the neighbours of an earlier run are looked for.
    package static let recall = Duration.seconds(60)
    /// Weft's choice: so many lines about connections of strangers at once, then one a second.
    package static let strangersNotes = 10
    /// Weave Net: an outbound connection that lasted this long is dialled again at once.
    package static let longLived = Duration.seconds(60)
}
