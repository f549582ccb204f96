public import Engine
import Wire

/// The `ahv` block of a configuration.
public struct AHVSettings: PluginSettings {
    let endpoint: String
    let username: String?
    let password: Secret?
    let apiKey: Secret?
    let tls: TLSSettings
    let dataServices: String?
    let initiator: String?
    let chap: String
    let elementPort: Int
    let iscsiPort: Int
    let recoveryPointDays: Int
    let taskTimeoutSeconds: Int
    let requestsPerSecond: Int

    public static let fields: [Field] = [
        .required("endpoint", "address of Prism Central: https://HOST:9440"),
        .optional("username", "user of Prism Central; with `password`"),
        .secret("password", "the user's password"),
        .secret("apiKey", "key of a service account, instead of user and password"),
        .defaulted("tls", "", "which certificates are trusted: \(TLSSettings.summary)"),
        .optional("dataServices", "iSCSI address to use instead of the cluster's data services IP"),
        .optional("initiator", "iSCSI name of this proxy; by default made from its identity"),
        .defaulted("chap", "oneWay", "iSCSI authentication: oneWay, mutual or none"),
        .defaulted("elementPort", "9440", "port of Prism Element, where changed regions are computed"),
        .defaulted("iscsiPort", "3260", "port of the data services"),
        .defaulted("recoveryPointDays", "14", "days that the recovery point of the last backup is kept, at least 4"),
        .defaulted("taskTimeoutSeconds", "1800", "longest time to wait for one task of Prism"),
        .defaulted("requestsPerSecond", "25", "most requests to Prism in a second"),
    ]
}

/// The `tls` block: how Prism Central and Prism Elements prove who they are.
struct TLSSettings: Sendable, Decodable, PlacedSetting {
    static let summary =
        "fingerprint, ca, elementFingerprints, elementCA, learnElement; without it the machine's certificate authorities"

    let fingerprint: String?
    let ca: String?
    let elementFingerprints: [String]?
    let elementCA: String?
    let learnElement: Bool?
    let place: String

    private struct Keys: PluginSettings {
        let fingerprint: String?
        let ca: String?
        let elementFingerprints: [String]?
        let elementCA: String?
        let learnElement: Bool?

        static let fields: [Field] = [
            .optional("fingerprint", "pin of Prism Central: sha256:…"),
            .optional("ca", "PEM file of the authority that signed Prism Central's certificate"),
            .optional("elementFingerprints", "pins of Prism Elements"),
            .optional("elementCA", "PEM file of the authority that signed the certificates of Prism Elements"),
            .optional("learnElement", "true trusts the certificate that a Prism Element shows first, and only that"),
        ]
    }

    package init(placed setting: Setting, what: String) throws {
        if case .scalar("") = setting.shape {
            self.init(try Keys.decode(.empty(at: setting.place)), setting.place)
        } else {
            self.init(try Keys.decode(setting), setting.place)
        }
    }

    init(from decoder: any Decoder) throws { self.init(try Keys(from: decoder), "settings") }

    private init(_ keys: Keys, _ place: String) {
        fingerprint = keys.fingerprint
        ca = keys.ca
        elementFingerprints = keys.elementFingerprints
        elementCA = keys.elementCA
        learnElement = keys.learnElement
        self.place = place
    }

    /// How Prism Central is trusted.
    func centralTrust(_ context: PluginContext) throws(EngineError) -> TLSTrust {
        guard fingerprint == nil || ca == nil else {
            throw EngineError(.configuration, "\(place): give `fingerprint` or `ca`, not both")
        }
        if let fingerprint { return .pinned([try pin(fingerprint)]) }
        if let ca { return .authorities(file: context.resolve(ca)) }
        return .systemAuthorities
    }

    /// How Prism Elements are trusted: as said for them, else by the authority that vouches for Prism Central.
    func elementTrust(_ context: PluginContext) throws(EngineError) -> ElementTrust.Rule {
        let said = [elementFingerprints != nil, elementCA != nil, learnElement == true].filter { $0 }
        guard said.count <= 1 else {
            throw EngineError(
                .configuration, "\(place): give one of `elementFingerprints`, `elementCA` and `learnElement`")
        }
        if let elementFingerprints {
            var pins: [CertificateFingerprint] = []
            for text in elementFingerprints { pins.append(try pin(text)) }
            return .fixed(.pinned(pins))
        }
        if let elementCA { return .fixed(.authorities(file: context.resolve(elementCA))) }
        if learnElement == true { return .learn }
        if let ca { return .fixed(.authorities(file: context.resolve(ca))) }
        return fingerprint == nil ? .fixed(.systemAuthorities) : .unsaid
    }

    private func pin(_ text: String) throws(EngineError) -> CertificateFingerprint {
        guard let pin = CertificateFingerprint(text) else {
            throw EngineError(
                .configuration, "\(place): `\(text)` is no fingerprint: write sha256: and 64 hexadecimal digits")
        }
        return pin
    }
}
