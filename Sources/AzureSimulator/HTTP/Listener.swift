import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore

/// One server of the simulator, on loopback.
struct Listener: Sendable {
    static let address = "127.0.0.1"

    /// 0 takes a free one.
    let port: Int
    /// nil serves plain HTTP.
    let identity: ServerIdentity?
    let front: Front

    /// Serves until the task is cancelled.
    ///
    /// - Parameter ready: called once with the port that is really bound.
    /// - Throws: when the address cannot be bound.
    func serve(ready: @escaping @Sendable (Int) -> Void) async throws {
        var log = Logger(label: "azure-simulator.http")
        log.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, context: Connection) in
                await respond(to: request, context.channel)
            },
            server: try server(), configuration: .init(address: .hostname(Self.address, port: port), serverName: nil),
            onServerRunning: { ready($0.localAddress?.port ?? port) }, logger: log)
        try await application.run()
    }

    private func server() throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(configuration: .init(additionalChannelHandlers: [ContinueHandler()]))
        guard let identity else { return plain }
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(identity.certificatePEM.utf8), format: .pem))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem)))
        return try .tls(plain, tlsConfiguration: tls)
    }

    private func respond(to request: Request, _ channel: any Channel) async -> Response {
        guard let call = call(request, channel) else { return Response(status: .badRequest) }
        let body = request.body
        let reply = await front.respond(to: call) { limit in try await body.collect(upTo: limit) }
        switch reply {
        case .answer(let answer, let cut): return response(answer, isHead: call.method == "HEAD", cut)
        case .hangUp:
            channel.close(promise: nil)
            return Response(status: .internalServerError)
        }
    }

    private func call(_ request: Request, _ channel: any Channel) -> Call? {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0),\(field.value)" } ?? field.value
        }
        let target = Self.diskPrefix(request.head.authority) + (request.head.path ?? "/")
        guard var call = Call(method: request.method.rawValue, target: target, headers: headers) else { return nil }
        call.isTLS = identity != nil
        call.origin = "\(call.isTLS ? "https" : "http")://\(request.head.authority ?? Self.address)"
        call.peer = channel.remoteAddress?.ipAddress ?? Self.address
        call.id = Front.newID()
        return call
    }

    /// The account of a managed disk that the host is named after; requests through a proxy have it there only.
    private static func diskPrefix(_ authority: String?) -> String {
        guard let label = authority?.split(separator: ".").first, Authorizer.isDisk(String(label)) else { return "" }
        return "/\(label)"
    }

    private func response(_ answer: Answer, isHead: Bool, _ cut: Int?) -> Response {
        var headers = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        let status = HTTPResponse.Status(code: answer.status)
        if isHead {
            headers[.contentLength] = "\(answer.length ?? 0)"
            return Response(status: status, headers: headers)
        }
        let slices = answer.body
        let body = ResponseBody(contentLength: answer.bodyLength) { writer in
            var rest = cut ?? .max
            for slice in slices {
                let bytes = try await slice.load()
                if bytes.readableBytes > rest {
                    try await writer.write(bytes.getSlice(at: bytes.readerIndex, length: rest) ?? ByteBuffer())
                    throw CutOff()
                }
                rest -= bytes.readableBytes
                try await writer.write(bytes)
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}

/// Ends an answer in its middle.
private struct CutOff: Error {}

/// What is known of a request's connection.
struct Connection: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
