import Engine
import Synchronization
import Wire

/// How the certificates of Prism Elements are trusted.
///
/// Prism Elements have certificates of their own. They are trusted by a CA file or by pins, as configured; or, when the
/// configuration says so, by learning: the certificate seen first for a cluster is kept, in this process and in the
/// reference of every capture, and any other one later is refused.
final class ElementTrust: Sendable {
    enum Rule: Sendable {
        case fixed(TLSTrust)
        case learn
        /// Prism Central is pinned, and nothing is said about Prism Elements.
        case unsaid
    }

    private struct State {
        var learned: [String: CertificateFingerprint] = [:]
        var clients: [String: HTTPClient] = [:]
    }

    private let rule: Rule
    private let connectTimeout: Duration
    private let state = Mutex(State())

    init(_ rule: Rule, connectTimeout: Duration) {
        self.rule = rule
        self.connectTimeout = connectTimeout
    }

    /// A client for an address of a cluster.
    /// - Throws: `denied` with the fingerprint seen and what to configure, when nothing says it is to be trusted.
    func client(for base: String, cluster: PrismCluster) async throws(PrismError) -> HTTPClient {
        if let client = state.withLock({ $0.clients[cluster.id] }) { return client }
        let client: HTTPClient
        switch rule {
        case .fixed(let trust): client = HTTPClient(trust: trust)
        case .learn: client = HTTPClient(trust: .pinned([try await learn(base, cluster)]))
        case .unsaid:
            let seen = try await fingerprint(base)
            throw PrismError(
                .denied,
                "the certificate of Prism Element '\(cluster.name)' is not trusted: it is \(seen); compare it with the one "
                    + "Prism Element shows and put it into `tls.elementFingerprints`, or set `tls.learnElement: true`")
        }
        state.withLock { $0.clients[cluster.id] = client }
        return client
    }

    /// Learns the certificate of a cluster's Prism Element, if learning is the rule and it is not known yet.
    func prepare(for cluster: PrismCluster, port: Int) async throws(PrismError) {
        guard case .learn = rule, let address = cluster.virtualAddress ?? cluster.addresses.sorted().first else {
            return
        }
        _ = try await client(for: PrismCluster.base(address, port: port), cluster: cluster)
    }

    /// What was learned about a cluster, to be kept with a capture.
    func learned(_ cluster: String) -> CertificateFingerprint? { state.withLock { $0.learned[cluster] } }

    /// Takes over what an earlier capture learned.
    func recall(_ fingerprint: CertificateFingerprint, of cluster: String) {
        guard case .learn = rule else { return }
        state.withLock { if $0.learned[cluster] == nil { $0.learned[cluster] = fingerprint } }
    }

    private func learn(_ base: String, _ cluster: PrismCluster) async throws(PrismError) -> CertificateFingerprint {
        if let known = learned(cluster.id) { return known }
        let seen = try await fingerprint(base)
        return state.withLock { state in
            let kept = state.learned[cluster.id] ?? seen
            state.learned[cluster.id] = kept
            return kept
        }
    }

    private func fingerprint(_ base: String) async throws(PrismError) -> CertificateFingerprint {
        do throws(WireError) {
            return try await HTTPClient.fingerprint(of: base, connectTimeout: connectTimeout)
        } catch {
            throw PrismError(error)
        }
    }
}
