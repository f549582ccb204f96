package import Engine
package import Wire

/// The `tls` block: how a store proves who it is.
package struct TLSBlock: Sendable, Decodable, PlacedSetting {
    package static let field = Field.defaulted(
        "tls", "",
        "which certificates are trusted: fingerprint (sha256:…) or ca (a PEM file); without it the machine's authorities"
    )

    private let fingerprint: String?
    private let ca: String?
    private let place: String

    private struct Keys: PluginSettings {
        let fingerprint: String?
        let ca: String?

        static let fields: [Field] = [
            .optional("fingerprint", "pin of the server's certificate: sha256:…"),
            .optional("ca", "PEM file of the authority that signed the server's certificate"),
        ]
    }

    package init(placed setting: Setting, what: String) throws {
        let isEmpty = if case .scalar("") = setting.shape { true } else { false }
        let keys = try Keys.decode(isEmpty ? .empty(at: setting.place) : setting)
        fingerprint = keys.fingerprint
        ca = keys.ca
        place = setting.place
    }

    package init(from decoder: any Decoder) throws {
        let keys = try Keys(from: decoder)
        fingerprint = keys.fingerprint
        ca = keys.ca
        place = "settings"
    }

    /// - Throws: `.configuration` when both are given, or the fingerprint is none.
    package func trust(_ context: PluginContext) throws(EngineError) -> TLSTrust {
        guard fingerprint == nil || ca == nil else {
            throw EngineError(.configuration, "\(place): give `fingerprint` or `ca`, not both")
        }
        if let ca { return .authorities(file: context.resolve(ca)) }
        guard let fingerprint else { return .systemAuthorities }
        guard let pin = CertificateFingerprint(fingerprint) else {
            throw EngineError(
                .configuration,
                "\(place): `\(fingerprint)` is no fingerprint: write sha256: and 64 hexadecimal digits")
        }
        return .pinned([pin])
    }
}
