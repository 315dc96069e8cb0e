import ControlTypes
import Wire

/// Ports, flows and counters of the kernel's datapath.
func datapathText(_ status: DatapathStatus) -> String {
    guard status.inUse else {
        return "The kernel's datapath is not used: \(status.reason ?? "no reason is known").\n"
    }
    var text = "Datapath \(status.name ?? "")\n\nPorts\n"
    var ports = Table("NUMBER", "NAME", "KIND")
    for port in status.ports { ports.rows.append(.init(cells: ["\(port.number)", port.name, port.kind])) }
    text += ports.text(indent: 2)
    text += "\nFlows\n"
    if status.flows.isEmpty {
        text += "  none: no container has sent anything lately\n"
    } else {
        var flows = Table("FROM", "SOURCE", "DESTINATION", "TO", "PACKETS", "BYTES", "AGE", "IDLE")
        for flow in status.flows {
            flows.rows.append(
                .init(cells: [
                    flow.fromPeer.map(name) ?? flow.from, flow.source?.description ?? "any",
                    flow.destination?.description ?? "any", places(flow), "\(flow.packets)", "\(flow.bytes)",
                    "\(flow.ageSeconds) s", "\(flow.idleSeconds) s",
                ]))
        }
        text += flows.text(indent: 2)
    }
    text += "\nCounters\n"
    var counters = Table("NAME", "VALUE", "MEANING")
    func count(_ name: String, _ value: UInt64, _ meaning: String) {
        counters.rows.append(.init(cells: [name, "\(value)", meaning]))
    }
    count("hits", status.hits, "frames that the kernel had a flow for")
    count("misses", status.misses, "frames that weft was asked about")
    count("lost", status.lost, "frames that weft should have been asked about: too many at once")
    count("evictions", status.evictions, "flows that made room for others")
    for (reason, value) in status.drops.sorted(by: { $0.key < $1.key }) {
        count("dropped-\(reason)", value, "frames that went nowhere")
    }
    for (reason, value) in status.refusals.sorted(by: { $0.key < $1.key }) {
        count("refused", value, "requests that the kernel refused: \(reason)")
    }
    return text + counters.text(indent: 2)
}

private func places(_ flow: DatapathStatus.Flow) -> String {
    var places: [String] = []
    if flow.toBridge { places.append("bridge") }
    places += flow.toNeighbours.map(name)
    if flow.toSleeve { places.append("sleeve") }
    if places.isEmpty { return "nowhere (\(flow.drop ?? "dropped"))" }
    return places.joined(separator: ", ")
}
