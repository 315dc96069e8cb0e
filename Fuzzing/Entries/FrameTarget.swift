import DataPlane
import PacketIO

extension FuzzTarget {
    /// What the packet path reads of a frame that a container or a peer has made: where its headers lie, whether it may
    /// be joined with others, how a super-frame is cut, which answer a frame that is too big gets.
    ///
    /// Bytes 0 and 1: the MTU. Ten bytes of virtio-net header. Then the frame.
    static let frames = FuzzTarget("frames") { bytes throws(BrokenPromise) in
        var input = FuzzInput(bytes)
        let mtu = Int(input.number(bytes: 2))
        let header = input.take(VirtioHeader.bytes)
        let frame = input.takeAll()
        guard frame.count >= 14, header.count == VirtioHeader.bytes else { return }
        try withMemory(header) { header throws(BrokenPromise) in
            try withMemory(frame) { frame throws(BrokenPromise) in
                try read(frame, FrameOffload(header), mtu: mtu)
            }
        }
    }

    private static func read(_ frame: Bytes, _ offload: FrameOffload, mtu: Int) throws(BrokenPromise) {
        let layout = FrameLayout(frame)
        try check(layout, frame.count)
        try answer(frame, layout, mtu: mtu)
        try segment(frame)
        try cut(frame, layout, offload, room: mtu + 14)
        _ = UnfinishedChecksum.complete(frame, layout, offload)
    }

    private static func check(_ layout: FrameLayout, _ count: Int) throws(BrokenPromise) {
        guard layout.family != 0 else { return }
        try promise(
            layout.network >= 14 && layout.network < layout.transport && layout.transport <= layout.end
                && layout.end <= count, "headers follow each other within the frame")
    }

    private static func answer(_ frame: Bytes, _ layout: FrameLayout, mtu: Int) throws(BrokenPromise) {
        guard layout.family != 0 else { return }
        try withMemory([UInt8](repeating: 0xaa, count: TooBigReply.maximumBytes)) { reply throws(BrokenPromise) in
            let length = TooBigReply.write(to: reply, about: frame, layout, mtu: mtu)
            try promise(length <= TooBigReply.maximumBytes, "an answer has a bounded length")
            guard length > 0 else { return }
            let written = FrameLayout(reply.slice(0, length))
            try promise(
                written.family == layout.family && written.end == length, "an answer is a packet of the same family")
        }
    }

    private static func segment(_ frame: Bytes) throws(BrokenPromise) {
        guard let segment = Segment(frame), segment.checksumsAreRight else { return }
        try promise(segment.headerBytes + segment.payloadBytes == frame.count, "a segment is headers and payload")
        _ = segment.isFollowed(
            by: segment, payload: segment.payloadBytes, count: 1, identification: segment.identification)
        try withMemory(frame.array(0, count: segment.headerBytes)) { headers throws(BrokenPromise) in
            segment.finishHeaders(headers, payload: segment.payloadBytes, flags: segment.flags)
        }
    }

    private static func cut(
        _ frame: Bytes, _ layout: FrameLayout, _ offload: FrameOffload, room: Int
    ) throws(BrokenPromise) {
        guard offload.kind != VirtioHeader.kindNone, SegmentCutter.accepts(frame, layout, offload) else { return }
        let isTCP = layout.protocolNumber == 6
        let headerBytes = layout.transport + (isTCP ? Int(frame.byte(layout.transport + 12) >> 4) * 4 : 8)
        let cutter = SegmentCutter(frame, layout, headerBytes: headerBytes)
        try promise(
            cutter.payloadBytes > 0 && headerBytes + cutter.payloadBytes <= frame.count,
            "a super-frame that is cut has a payload within it")
        var size = Int(offload.segmentBytes)
        if headerBytes + size > room, isTCP, room - headerBytes >= 8 { size = room - headerBytes }
        var payload: [UInt8] = []
        var index = 0
        while payload.count < cutter.payloadBytes {
            let offset = payload.count
            let bytes = min(size, cutter.payloadBytes - offset)
            try withMemory([UInt8](repeating: 0, count: headerBytes + bytes)) { segment throws(BrokenPromise) in
                cutter.write(to: segment, offset, bytes, index: index)
                let written = FrameLayout(segment)
                try promise(
                    written.family == layout.family && written.end == headerBytes + bytes,
                    "a segment is a whole packet")
                if let read = Segment(segment) {
                    try promise(read.checksumsAreRight, "the checksums of a segment are right")
                }
                payload += segment.array(headerBytes)
            }
            index += 1
        }
        try promise(
            payload == frame.array(headerBytes, count: cutter.payloadBytes), "segments have the payload, in order")
    }
}

/// Bytes in memory of just their length, so that the address sanitizer sees each step beyond.
private func withMemory(_ array: [UInt8], _ body: (Bytes) throws(BrokenPromise) -> Void) throws(BrokenPromise) {
    let base = UnsafeMutableRawPointer.allocate(byteCount: max(array.count, 1), alignment: 1)
    defer { base.deallocate() }
    let bytes = Bytes(base, count: array.count)
    bytes.write(array)
    try body(bytes)
}
