import NetlinkMessages

extension FuzzTarget {
    /// What the kernel says over netlink: messages of every type that we read, and the conversation around them.
    ///
    /// Byte 0: bit 0: a list was asked for, bit 1: an acknowledgement. Then datagrams, each with its length in front.
    static let netlink = FuzzTarget("netlink") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let options = input.byte()
        var flags: NetlinkFlags = []
        if options & 1 != 0 { flags.formUnion(.dump) }
        if options & 2 != 0 { flags.formUnion(.acknowledge) }
        let request = NetlinkRequest(type: .newLink, flags: flags, body: [], operation: "fuzzing")
        var conversation = NetlinkConversation(request, sequence: 1, port: 1)
        while !input.isEmpty {
            let datagram = input.bytes()
            _ = Result { () throws(NetlinkMessageError) in try conversation.receive(datagram) }
            let read = Result { () throws(NetlinkMessageError) in try NetlinkMessage.messages(in: datagram) }
            guard case .success(let messages) = read else { continue }
            let length = messages.reduce(0) { $0 + Int($1.header.lengthBytes) }
            try promise(length <= datagram.count, "messages lie within their datagram")
            for message in messages {
                do throws(NetlinkMessageError) {
                    try decode(message)
                } catch {
                    try promise(!error.description.isEmpty, "an error says what was wrong")
                }
            }
        }
    }

    private static func decode(_ message: NetlinkMessage) throws(NetlinkMessageError) {
        switch message.header.type {
        case .newLink, .deleteLink: _ = try Link(message)
        case .newAddress, .deleteAddress: _ = try AssignedAddress(message).interfaceAddress
        case .newRoute, .deleteRoute: _ = try Route(message)
        case .newNamespaceNumber: _ = try NamespaceNumber.decode(message)
        case .newChain: _ = try BaseChain(message)
        case .error, .done: _ = try NetlinkVerdict(message)
        default: break
        }
    }
}
