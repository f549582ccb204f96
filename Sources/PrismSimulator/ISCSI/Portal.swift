import Logging
import NIOCore
import NIOPosix

/// An iSCSI portal of a cluster: a forwarder before the real target daemon.
///
/// At the data services address it redirects logins to the controller VM, as clusters do; it counts and cuts what
/// passes, and gives clients addresses that lead back to it.
struct Portal: Sendable {
    let address: String
    let port: Int
    /// Where logins are sent on to; nil serves them here.
    let redirect: String?
    /// Whether a volume group is this cluster's.
    let owns: @Sendable (_ group: String) async -> Bool
    let targets: ISCSITargets
    let traffic: PortalTraffic
    let log: Logger

    typealias Server = NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>

    /// Opens the portal.
    ///
    /// - Throws: when the address cannot be bound.
    func bind() async throws -> Server {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.recvAllocator, value: Self.allocator)
            .bind(host: address, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    static var allocator: any RecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 65536, initial: 262_144, maximum: 1 << 20)
    }

    /// Serves until the task is cancelled.
    func serve(_ server: Server) async {
        try? await server.executeThenClose { sessions in
            await withDiscardingTaskGroup { group in
                do {
                    for try await client in sessions {
                        group.addTask { await serve(client) }
                    }
                } catch {
                    log.debug("the portal closed", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func serve(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        do {
            try await client.executeThenClose { inbound, outbound in
                if traffic.refuses { return }
                try await PortalSession(portal: self, client: client.channel).run(inbound, outbound)
            }
        } catch {
            log.debug("an iSCSI session ended", metadata: ["error": "\(error)"])
        }
    }
}
