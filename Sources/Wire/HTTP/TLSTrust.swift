/// How a server proves who it is. There is no way to switch verification off.
package enum TLSTrust: Sendable, Equatable {
    /// The chain must end at a certificate of this PEM file, and the host name must match.
    case authorities(file: String)
    /// The chain must end at a certificate of the machine's own store, and the host name must match.
    case systemAuthorities
    /// The leaf must be one of these certificates; chain and host name do not count. With an empty list every server is
    /// refused, and the error tells the fingerprint seen.
    case pinned([CertificateFingerprint])
}
