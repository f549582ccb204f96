import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore

/// One HTTPS server of the estate.
struct Listener: Sendable {
    typealias Answer = @Sendable (WebRequest) async -> WebResponse

    let address: String
    let port: Int
    let identity: ServerIdentity
    let answer: Answer

    /// Largest body a request may have.
    static let maximumBody = 64 << 20

    /// Serves until the task is cancelled.
    ///
    /// - Parameter ready: called once with the port that is really bound.
    /// - Throws: when the address cannot be bound.
    func serve(ready: @escaping @Sendable (Int) -> Void) async throws {
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(identity.certificatePEM.utf8), format: .pem))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem)))
        var log = Logger(label: "prism-simulator.http")
        log.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                await respond(to: request)
            },
            server: try .tls(.http1(), tlsConfiguration: tls),
            configuration: .init(address: .hostname(address, port: port), serverName: nil),
            onServerRunning: { ready($0.localAddress?.port ?? port) }, logger: log)
        try await application.run()
    }

    private func respond(to request: Request) async -> Response {
        guard let decoded = await decode(request) else { return Response(status: .badRequest) }
        let answer = await answer(decoded)
        var headers = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private func decode(_ request: Request) async -> WebRequest? {
        guard let body = try? await request.body.collect(upTo: Self.maximumBody) else { return nil }
        let target = request.head.path ?? "/"
        let halves = target.split(separator: "?", maxSplits: 1)
        let rawPath = String(halves.first ?? "/")
        let pieces = rawPath.split(separator: "/").map { WebRequest.decodePercent($0.replacing("+", with: "%2B")) }
        guard !pieces.contains(nil) else { return nil }
        var headers: [String: String] = [:]
        var cookies: [(name: String, value: String)] = []
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
            if name == "cookie" { cookies += WebRequest.cookies(field.value) }
        }
        return WebRequest(
            method: request.method.rawValue, rawPath: rawPath, path: pieces.compactMap(\.self),
            query: halves.count > 1 ? WebRequest.query(halves[1]) : [:], headers: headers, cookies: cookies,
            body: Array(buffer: body), origin: "https://\(request.head.authority ?? "\(address):\(port)")")
    }
}
