extension HostNetwork {
    /// What keeps containers of this host from talking, or may. Empty if nothing was found.
    public func warnings() throws(HostNetworkError) -> [HostWarning] {
        guard let bridge = try bridge() else {
            return [
                HostWarning(
                    kind: .noBridge, object: names.bridge, message: "bridge \(names.bridge) does not exist",
                    nextStep: "restart weft, which makes it")
            ]
        }
        var warnings: [HostWarning] = []
        if !bridge.isUp {
            warnings.append(
                HostWarning(
                    kind: .bridgeDown, object: bridge.name,
                    message: "bridge \(bridge.name) is down: containers cannot talk",
                    nextStep: "bring it up with `ip link set \(bridge.name) up`"))
        }
        for port in bridge.ports where port.hairpin && port.name == names.tap {
            warnings.append(
                HostWarning(
                    kind: .hairpin, object: port.name,
                    message: "port \(port.name) of \(bridge.name) is in hairpin mode: frames of other hosts loop",
                    nextStep: "switch it off with `bridge link set dev \(port.name) hairpin off`"))
        }
        return warnings + (try inNamespace(host) { () in bridgedFrameFirewall() })
    }
}
