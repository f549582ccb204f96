package import Engine
import FoundationEssentials
package import Logging
package import Wire

/// Tokens of Entra ID for one service, fetched when needed and kept until five minutes before they end.
package actor EntraTokens {
    package enum Origin: Sendable {
        /// Authority, tenant, client id, secret.
        case application(HTTPAddress, String, String, String)
        /// Authority, tenant, client id, and what makes the signed statement (RFC 7523) that stands for a secret: it is
        /// given the address of the endpoint, which the statement is for, and the time.
        case asserted(
            HTTPAddress, String, String, @Sendable (_ endpoint: String, Timestamp) throws(EngineError) -> String)
        /// The metadata service of the VM, and the identity's client id.
        case machine(HTTPAddress, String?)
    }

    /// What fetching needs.
    package struct Surroundings: Sendable {
        package let trust: TLSTrust
        package let policy: HTTPRetryPolicy
        package let clock: @Sendable () -> Timestamp
        package let logger: Logger

        package init(
            trust: TLSTrust, policy: HTTPRetryPolicy, clock: @escaping @Sendable () -> Timestamp, logger: Logger
        ) {
            self.trust = trust
            self.policy = policy
            self.clock = clock
            self.logger = logger
        }
    }

    /// What the Blob service calls itself.
    package static let storage = "https://storage.azure.com"

    private struct Token: Sendable {
        let text: String
        let renewal: Timestamp
    }

    private static let margin: Int64 = 300

    private let surroundings: Surroundings
    private let transport: ObjectTransport<EntraService>
    private var current: Token?
    private var pending: Task<Result<Token, EngineError>, Never>?

    /// - Parameter resource: the service that the tokens are for, as Entra ID names it.
    package init(_ origin: Origin, _ surroundings: Surroundings, for resource: String = storage) {
        self.surroundings = surroundings
        transport = ObjectTransport(
            EntraService(origin: origin, resource: resource), trust: surroundings.trust, parallelism: 1,
            policy: surroundings.policy,
            clock: surroundings.clock, logger: surroundings.logger)
    }

    /// A token that is good for some minutes at least. Callers that come while one is fetched wait for the same.
    package func token() async throws(EngineError) -> String {
        if let current, current.renewal > surroundings.clock() { return current.text }
        let fetch = pending ?? Task { await self.fetched() }
        pending = fetch
        let result = await fetch.value
        if pending == fetch { pending = nil }
        let token = try result.get()
        current = token
        return token.text
    }

    /// Forgets the token: the service does not take it any more.
    package func forget() { current = nil }

    private func fetched() async -> Result<Token, EngineError> {
        do throws(EngineError) {
            return .success(try await fetch())
        } catch {
            return .failure(error)
        }
    }

    private func fetch() async throws(EngineError) -> Token {
        let call = transport.service.call
        let body = try await transport.send(call).http.body
        guard let reply = try? JSONDecoder().decode(EntraReply.self, from: Data(body)), !reply.access_token.isEmpty,
            !reply.access_token.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F })
        else { throw EngineError(.failed, "cannot \(call.what): the answer holds no token") }
        let life = max(0, reply.seconds)
        let now = surroundings.clock()
        return Token(text: reply.access_token, renewal: now.adding(seconds: max(life - Self.margin, min(life, 30))))
    }
}

/// The answer of both services that give tokens.
private struct EntraReply: Decodable {
    let access_token: String
    /// Seconds: a number from Entra ID, a text from the metadata service.
    let seconds: Int64

    private enum CodingKeys: CodingKey {
        case access_token, expires_in
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        access_token = try values.decode(String.self, forKey: .access_token)
        if let number = try? values.decode(Int64.self, forKey: .expires_in) {
            seconds = number
        } else {
            seconds = (try? values.decode(String.self, forKey: .expires_in)).flatMap { Int64($0) } ?? 300
        }
    }
}
