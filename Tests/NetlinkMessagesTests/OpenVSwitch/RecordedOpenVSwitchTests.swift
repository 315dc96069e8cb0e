import NetlinkMessages
import Testing
import Wire

/// Every message of the recordings, compared with what another decoder read in it.
@Suite struct RecordedOpenVSwitchTests {
    @Test("all recordings are there")
    func all() {
        #expect(OpenVSwitchRecording.all.map(\.entries.count) == [201, 155, 125, 143])
    }

    @Test("headers have type, flags, sequence number, command and datapath", arguments: OpenVSwitchRecording.all)
    func headers(_ recording: OpenVSwitchRecording) throws {
        for entry in recording.entries {
            let header = entry.message.header
            #expect(header.type.rawValue == entry.expected.type)
            #expect("0x" + String(header.flags.rawValue, radix: 16) == entry.expected.flags)
            #expect(header.sequence == entry.expected.seq)
            #expect(header.port == entry.expected.pid)
            guard entry.expected.family != nil else { continue }
            let generic = try GenericHeader(entry.message)
            if let version = entry.expected.version { #expect(generic.version == version) }
            let number = entry.expected.command?.drop { $0 != "(" }.dropFirst().dropLast()
            if let number, let number = UInt8(number) { #expect(generic.command == number) }
        }
    }

    @Test("families have number, version and groups", arguments: OpenVSwitchRecording.all)
    func families(_ recording: OpenVSwitchRecording) throws {
        for entry in recording.entries("nlctrl", fromKernel: true) {
            let family = try GenericFamily(entry.message)
            let attributes = entry.expected.attrs
            #expect(family.name == attributes.text("FAMILY_NAME"))
            #expect(UInt64(family.type.rawValue) == attributes.number("FAMILY_ID"))
            #expect(UInt64(family.version) == attributes.number("VERSION"))
            #expect(UInt64(family.headerLength) == attributes.number("HDRSIZE"))
            var groups: [String: UInt32] = [:]
            if case .nests(let list) = attributes["MCAST_GROUPS"] {
                for group in list { groups[group.text("NAME") ?? ""] = UInt32(group.number("ID") ?? 0) }
            }
            #expect(family.groups == groups)
        }
    }

    @Test("datapaths have name, features and counters", arguments: OpenVSwitchRecording.all)
    func datapaths(_ recording: OpenVSwitchRecording) throws {
        for entry in recording.entries("ovs_datapath", fromKernel: true) {
            let datapath = try Datapath(entry.message)
            let attributes = entry.expected.attrs
            #expect(datapath.index.rawValue == entry.expected.dpIndex)
            #expect(datapath.name == attributes.text("NAME"))
            #expect((datapath.features?.rawValue).map { UInt64($0) } == attributes.number("USER_FEATURES"))
            let statistics = try #require(datapath.statistics)
            #expect(
                [statistics.hits, statistics.misses, statistics.lost, statistics.flows] == attributes.words("STATS"))
            let masks = try #require(attributes.words("MEGAFLOW_STATS"))
            #expect(statistics.maskLookups == masks[0])
            #expect(statistics.masks.map { UInt64($0) } == masks[1])
            #expect(statistics.maskCacheHits == masks[2])
            #expect(statistics.maskCacheSize.map { UInt64($0) } == attributes.number("MASKS_CACHE_SIZE"))
        }
    }

    @Test("vports have number, kind, name, UDP port, upcall ports and counters", arguments: OpenVSwitchRecording.all)
    func vports(_ recording: OpenVSwitchRecording) throws {
        for entry in recording.entries("ovs_vport", fromKernel: true) {
            let vport = try Vport(entry.message)
            let attributes = entry.expected.attrs
            #expect(vport.datapath.rawValue == entry.expected.dpIndex)
            #expect(UInt64(vport.number.rawValue) == attributes.number("PORT_NO"))
            #expect(UInt64(vport.kind.rawValue) == attributes.number("TYPE"))
            #expect(vport.name == attributes.text("NAME"))
            #expect(vport.interface.map { UInt64($0) } == attributes.number("IFINDEX"))
            #expect(vport.upcallPorts.map { UInt64($0.rawValue) } == attributes.number("UPCALL_PID").map { [$0] })
            let port = attributes.nest("OPTIONS")?.number("DST_PORT")
            #expect((vport.tunnelPort?.rawValue).map { UInt64($0) } == port)
            let counters = try #require(vport.statistics)
            #expect(
                [
                    counters.receivedPackets, counters.sentPackets, counters.receivedBytes, counters.sentBytes,
                    counters.receiveErrors, counters.sendErrors, counters.receiveDrops, counters.sendDrops,
                ] == attributes.words("STATS"))
        }
    }

    @Test("flows have key, mask, actions, counters and use, in requests too", arguments: OpenVSwitchRecording.all)
    func flows(_ recording: OpenVSwitchRecording) throws {
        let entries =
            recording.entries("ovs_flow", fromKernel: true) + recording.entries("ovs_flow", fromKernel: false)
        for entry in entries {
            let flow = try Flow(entry.message)
            let attributes = entry.expected.attrs
            #expect(flow.datapath.rawValue == entry.expected.dpIndex)
            #expect(flow.id == nil)
            #expect(flow.match?.key == attributes.nest("KEY")?.flowKey)
            #expect(flow.match?.mask == attributes.nest("MASK")?.flowMask)
            #expect(flow.actions == attributes.nest("ACTIONS")?.flowActions)
            #expect(!flow.looksAtOtherFields)
            var counts: [String: UInt64] = ["packets": 0, "bytes": 0]
            if case .counts(let value) = attributes["STATS"] { counts = value }
            #expect(flow.statistics == FlowStatistics(packets: counts["packets"] ?? 0, bytes: counts["bytes"] ?? 0))
            #expect(flow.usedMilliseconds == attributes.number("USED"))
        }
    }

    @Test(
        "what was asked for and what a list tells of it are the same match",
        arguments: ["clear", "relay", "encrypted"])
    func matches(_ name: String) throws {
        let recording = try OpenVSwitchRecording(name)
        var asked: [UInt32: FlowMatch] = [:]
        var compared = 0
        for entry in recording.entries where entry.expected.family == "ovs_flow" {
            guard let match = try Flow(entry.message).match else { continue }
            if entry.expected.direction == "to-kernel" {
                asked[entry.expected.seq] = match
            } else if let before = asked[entry.expected.seq] {
                #expect(match.canonical == before.canonical)
                #expect(match.key.ethernet == before.key.ethernet)
                compared += 1
            }
        }
        #expect(compared > 5)
    }

    @Test("upcalls have key, packet and hash, without a copy", arguments: OpenVSwitchRecording.all)
    func upcalls(_ recording: OpenVSwitchRecording) throws {
        for entry in recording.entries("ovs_packet", fromKernel: true) {
            let bytes = entry.bytes.span
            var cursor = MessageCursor(0..<bytes.count)
            let message = try #require(try cursor.next(in: bytes))
            let upcall = try #require(try UpcallView(bytes, message, family: recording.families.packet))
            #expect(try cursor.next(in: bytes) == nil)
            let attributes = entry.expected.attrs
            #expect(upcall.reason == .miss)
            #expect(upcall.datapath.rawValue == entry.expected.dpIndex)
            #expect(upcall.key == attributes.nest("KEY")?.flowKey)
            #expect(upcall.inPort == upcall.key.inPort)
            #expect(upcall.hash == attributes.words("HASH")?.first)
            #expect(upcall.userdata == nil)
            guard case .packet(let length, let head) = attributes["PACKET"] else {
                Issue.record("an upcall without a packet")
                continue
            }
            #expect(upcall.packet.count == length)
            #expect(upcall.frameLengthBytes == length)
            #expect(upcall.packet.prefix(64).map { bytes[$0] } == Array(bytesOf(head).prefix(64)))
            let addresses = upcall.packet.prefix(12).map { bytes[$0] }
            #expect(upcall.key.ethernet.map { $0.destination.bytes + $0.source.bytes } == addresses)
        }
    }

    @Test("upcalls of another family are not ours", arguments: ["clear"])
    func otherFamily(_ name: String) throws {
        let recording = try OpenVSwitchRecording(name)
        let entry = try #require(recording.entries("ovs_flow", fromKernel: true).first)
        let bytes = entry.bytes.span
        var cursor = MessageCursor(0..<bytes.count)
        let message = try #require(try cursor.next(in: bytes))
        #expect(try UpcallView(bytes, message, family: recording.families.packet) == nil)
    }

    @Test("news are told apart by family and command", arguments: OpenVSwitchRecording.all)
    func news(_ recording: OpenVSwitchRecording) throws {
        for entry in recording.entries where entry.expected.direction == "to-user" {
            let news = try OpenVSwitchNews(entry.message, recording.families)
            let gone = entry.expected.command?.hasSuffix("DEL(2)") ?? false
            switch (entry.expected.family, news) {
            case ("ovs_datapath", .datapath), ("ovs_vport", .vport), ("ovs_flow", .flow): #expect(!gone)
            case ("ovs_datapath", .datapathGone), ("ovs_vport", .vportGone), ("ovs_flow", .flowGone): #expect(gone)
            case ("ovs_packet", nil), ("nlctrl", nil), (nil, nil): break
            default: Issue.record("\(String(describing: entry.expected.family)): \(String(describing: news))")
            }
        }
    }
}
