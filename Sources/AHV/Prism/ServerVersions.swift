import Engine
import Logging
import Synchronization

/// A version of a namespace, `v4.1`.
struct APIVersion: Sendable, Comparable, CustomStringConvertible {
    let minor: Int

    init(minor: Int) { self.minor = minor }

    /// Reads `v4.1`; nil for other majors and other text.
    init?(_ text: String) {
        guard text.hasPrefix("v4."), let minor = Int(text.dropFirst(3)), (0...1000).contains(minor) else { return nil }
        self.minor = minor
    }

    var description: String { "v4.\(minor)" }

    static func < (a: APIVersion, b: APIVersion) -> Bool { a.minor < b.minor }

    /// The newest that this client was written for.
    static let newest = APIVersion(minor: 2)
}

/// The versions that a server and this client both know, found once for each namespace.
final class ServerVersions: Sendable {
    private let known = Mutex<[Namespace: APIVersion]>([:])

    /// - Throws: `unsupported` if the server has none of ours.
    func version(of namespace: Namespace, at client: PrismClient) async throws(PrismError) -> APIVersion {
        if let version = known.withLock({ $0[namespace] }) { return version }
        let version = try await find(namespace, client)
        known.withLock { $0[namespace] = version }
        client.logger.debug("\(namespace.rawValue) is spoken in version \(version)")
        return version
    }

    private func find(_ namespace: Namespace, _ client: PrismClient) async throws(PrismError) -> APIVersion {
        if let told = try await ask(namespace, client), told >= .newest { return .newest }
        for minor in stride(from: APIVersion.newest.minor, through: 0, by: -1) {
            let version = APIVersion(minor: minor)
            let call = PrismCall(
                path: "/api/\(namespace.rawValue)/\(version)/\(namespace.probe)",
                query: [(name: "$limit", value: "1")])
            do throws(PrismError) {
                _ = try await client.send(call)
                return version
            } catch {
                if error.status != 404 { throw error }
            }
        }
        throw PrismError(
            .unsupported,
            "\(client.transport.base) serves no version from v4.0 to \(APIVersion.newest) of the \(namespace.rawValue) "
                + "API: is it Prism Central 2024.3 or newer?")
    }

    /// The newest version by the server's own word. Servers before v4.2 have no answer.
    private func ask(_ namespace: Namespace, _ client: PrismClient) async throws(PrismError) -> APIVersion? {
        do throws(PrismError) {
            let reply = try await client.send(
                PrismCall(method: "OPTIONS", path: "/api/\(namespace.rawValue)/unversioned/info"))
            return reply.data?.string.flatMap { APIVersion($0) }
        } catch {
            if error.status == 401 || error.status == nil { throw error }
            return nil
        }
    }
}
