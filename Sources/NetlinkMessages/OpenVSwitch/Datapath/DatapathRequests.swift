// Requests about datapaths. The kernel's side is net/openvswitch/datapath.c.

extension OpenVSwitchFamilies {
    /// Makes a datapath and its interface; `EEXIST` if there is an interface of that name. Answered by the datapath.
    /// Upcalls of the local port go to `upcallPort`.
    public func createDatapath(
        named name: String, features: DatapathFeatures, upcallPort: UpcallPort = .none
    ) -> NetlinkRequest {
        request(datapath, .new, .echo, .none, operation: "create datapath \(name)") { writer in
            writer.put(DatapathAttribute.name, string: name)
            writer.put(DatapathAttribute.upcallPort, uint32: upcallPort.rawValue)
            writer.put(DatapathAttribute.features, uint32: features.rawValue)
        }
    }

    /// Looks a datapath up by the name of its interface; `ENODEV` if there is none.
    public func datapath(named name: String) -> NetlinkRequest {
        request(datapath, .get, .echo, .none, operation: "look up datapath \(name)") { writer in
            writer.put(DatapathAttribute.name, string: name)
        }
    }

    /// Looks a datapath up by its index; `ENODEV` if it is gone.
    public func datapath(_ index: DatapathIndex) -> NetlinkRequest {
        request(datapath, .get, .echo, index, operation: "look up datapath \(index.rawValue)")
    }

    /// Lists all datapaths of the namespace.
    public func datapaths() -> NetlinkRequest {
        request(datapath, .get, .dump, .none, operation: "list datapaths")
    }

    /// Sets the features of an existing datapath, replacing those it had. With `.upcallPerProcessor`, `processorPorts`
    /// are the upcall ports by processor number. Answered by the datapath.
    public func setFeatures(
        _ features: DatapathFeatures, of index: DatapathIndex, processorPorts: [UpcallPort] = []
    ) -> NetlinkRequest {
        request(datapath, .set, .echo, index, operation: "set features of datapath \(index.rawValue)") { writer in
            writer.put(DatapathAttribute.upcallPort, uint32: 0)
            writer.put(DatapathAttribute.features, uint32: features.rawValue)
            guard !processorPorts.isEmpty else { return }
            writer.put(DatapathAttribute.processorPorts, bytes: processorPorts.hostBytes)
        }
    }

    /// Deletes a datapath with its vports and flows.
    public func deleteDatapath(_ index: DatapathIndex) -> NetlinkRequest {
        request(datapath, .delete, .acknowledge, index, operation: "delete datapath \(index.rawValue)")
    }
}

extension [UpcallPort] {
    /// Four bytes each, host order.
    var hostBytes: [UInt8] {
        var bytes: [UInt8] = []
        for port in self { bytes.appendHost(port.rawValue) }
        return bytes
    }
}
