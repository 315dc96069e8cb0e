import Mesh
import NIOCore

/// One connection's end of the pipeline: bytes in become events, and the first failure ends it.
///
/// Confined to the event loop of its channel.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: LinkID
    private let transport: MeshTransport
    private var failure: String?

    init(link: LinkID, transport: MeshTransport) {
        self.link = link
        self.transport = transport
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        transport.received(link, Array(buffer.readableBytesView))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = failure ?? words(of: error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        transport.closedByRemote(link, reason: failure ?? "closed by the other side")
        context.fireChannelInactive()
    }
}
