import ControlFakes
import ControlTypes
import Testing
import Wire

@testable import weft

@Suite("What people see")
struct RenderingTests {
    @Test("connections stand in columns, each failure with its reason, since when, and what to do")
    func connections() {
        var recovered = Sample.established
        recovered.mtuVerified = false
        recovered.lastError = ConnectionFailure(reason: "reset by peer", since: Sample.start)
        recovered.overlayAddress = Sample.endpoint("10.0.0.2:40000")
        let text = connectionsText([Sample.established, recovered, Sample.failed], now: Sample.after(seconds: 122))
        #expect(
            text == """
                STATE        DIRECTION  ADDRESS        PEER                       PATH    ENCRYPTED  MTU    ROUND TRIP  SINCE
                established  out        10.0.0.2:6783  02:00:00:00:0a:02 (host2)  sleeve  yes        1414   0.21 ms     2 min 2 s
                established  out        10.0.0.2:6783  02:00:00:00:0a:02 (host2)  sleeve  yes        1414?  0.21 ms     2 min 2 s
                    data goes to 10.0.0.2:40000
                    before: reset by peer (2 min 2 s ago)
                failed       out        10.0.0.9:6783  -                          -       -          -      -           1 min 2 s
                    connection refused (for 2 min 2 s, 5 times)
                    -> Start weft there, or let TCP port 6783 through its firewall.
                    next attempt in 8 s

                """)
    }

    @Test("the datapath shows where frames go, how many did, and what did not go anywhere")
    func datapath() {
        let flow = DatapathStatus.Flow(
            from: "bridge", fromPeer: nil, source: MACAddress(text: "02:00:00:00:0c:01"),
            destination: MACAddress(text: "02:00:00:00:0c:02"), toBridge: false, toSleeve: false,
            toNeighbours: [Sample.peer(2)], drop: nil, packets: 12, bytes: 1_840, ageSeconds: 40, idleSeconds: 3)
        var relayed = flow
        relayed.fromPeer = Sample.peer(3)
        (relayed.source, relayed.destination, relayed.toNeighbours) = (nil, nil, [])
        relayed.drop = "no-route"
        let text = datapathText(
            DatapathStatus(
                inUse: true, name: "datapath", ports: [.init(number: 3, name: "vxlan-6784", kind: "vxlan")],
                flows: [flow, relayed], hits: 12, misses: 2, drops: ["no-route": 1],
                refusals: ["No space left on device": 1]))
        #expect(
            text == """
                Datapath datapath

                Ports
                  NUMBER  NAME        KIND
                  3       vxlan-6784  vxlan

                Flows
                  FROM                       SOURCE             DESTINATION        TO                         PACKETS  BYTES  AGE   IDLE
                  bridge                     02:00:00:00:0c:01  02:00:00:00:0c:02  02:00:00:00:0a:02 (host2)  12       1840   40 s  3 s
                  02:00:00:00:0a:03 (host3)  any                any                nowhere (no-route)         12       1840   40 s  3 s

                Counters
                  NAME              VALUE  MEANING
                  hits              12     frames that the kernel had a flow for
                  misses            2      frames that weft was asked about
                  lost              0      frames that weft should have been asked about: too many at once
                  evictions         0      flows that made room for others
                  dropped-no-route  1      frames that went nowhere
                  refused           1      requests that the kernel refused: No space left on device

                """)
        #expect(
            datapathText(DatapathStatus(inUse: false, reason: "this kernel has no openvswitch"))
                == "The kernel's datapath is not used: this kernel has no openvswitch.\n")
    }

    @Test("the summary shows facts, warnings with what to do, and connections")
    func summary() {
        var status = Sample.status
        status.ready = false
        status.warnings = [
            StatusWarning(
                code: "bridge-down", message: "the bridge weave is down", advice: "Bring it up.", since: Sample.start)
        ]
        status.facilities = [
            Facility(name: "udp-gro", available: .no, inUse: false, explanation: "the kernel refuses it")
        ]
        let text = statusText(status, connections: [], now: Sample.after(seconds: 30))
        #expect(
            text == """
                weft \(WeftVersion.text): not ready, up 3 min 12 s, pid 4711

                  Peer         02:00:00:00:0a:01 (host1)
                  Peers        2 with this one
                  Connections  1 established
                  Targets      1
                  Listening    all addresses, TCP and UDP port 6783
                  Datapath     sleeve, in user space
                  Encryption   off (no password)
                  Discovery    on, at most 200 connections
                  Protocol     version 2
                  Bridge       weave is up, MTU 1438, 02:00:00:00:0a:01, tap with offloads
                  Containers   none attached (weft attach, weft run)
                  State        /var/lib/weft
                  Socket       /run/weft/weft.sock

                Warnings
                  ! the bridge weave is down (for 30 s)
                    -> Bring it up.

                Not in use
                  udp-gro: the kernel refuses it

                Connections
                  No connections yet. On another host run:  weft launch THIS-HOST
                  or, if weft runs there already, here:     weft connect THAT-HOST

                """)
    }

    @Test("peers are listed with their connections, and how they are reached")
    func peers() {
        let peers = [
            PeerStatus(
                peer: Sample.peer(1), isSelf: true, uid: 1, shortID: 1, version: 1, nextHop: nil,
                connections: [
                    PeerConnection(peer: Sample.peer(2), address: "10.0.0.2:6783", outbound: true, established: true)
                ]),
            PeerStatus(
                peer: Sample.peer(3), isSelf: false, uid: 1, shortID: 3, version: 1, nextHop: Sample.peer(2).name,
                connections: []),
            PeerStatus(
                peer: Sample.peer(4), isSelf: false, uid: 1, shortID: 4, version: 1, nextHop: nil, connections: []),
        ]
        #expect(
            peersText(peers) == """
                02:00:00:00:0a:01 (host1)  this host
                    to  10.0.0.2:6783  02:00:00:00:0a:02 (host2)  established
                02:00:00:00:0a:03 (host3)  via 02:00:00:00:0a:02
                    no connections
                02:00:00:00:0a:04 (host4)  out of reach
                    no connections

                """)
    }

    @Test(
        "lengths of time have at most two units",
        arguments: [
            (-5, "0 s"), (59, "59 s"), (60, "1 min"), (119, "1 min 59 s"), (600, "10 min"), (3_599, "59 min"),
            (3_600, "1 h"), (7_500, "2 h 5 min"), (86_400, "1 d"), (90_000, "1 d 1 h"),
            (Int.max, "106751991167300 d 15 h"),
        ])
    func lengths(seconds: Int, text: String) {
        #expect(lengthText(seconds: seconds) == text)
    }

    @Test(
        "round trips have a fitting unit",
        arguments: [
            (-1, "?"), (0, "0.00 ms"), (214, "0.21 ms"), (9_999, "9.99 ms"), (12_345, "12.3 ms"), (1_250_000, "1.2 s"),
            (Int.max, "> 1000 s"),
        ])
    func roundTrips(microseconds: Int, text: String) {
        #expect(roundTripText(microseconds: microseconds) == text)
    }
}
