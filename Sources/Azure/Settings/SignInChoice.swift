package import Engine

/// The `signIn` block: one of the ways to show who we are.
package struct SignInChoice: Sendable, Decodable, PlacedSetting {
    /// An application of Entra ID with a secret.
    struct ClientSecret: Sendable, Decodable, PlacedSetting {
        let clientId: String
        let secret: Secret

        private struct Keys: PluginSettings {
            let clientId: String
            let secret: Secret

            static let fields: [Field] = [
                .required("clientId", "the application's id"),
                .secret("secret", required: true, "the application's secret"),
            ]
        }

        init(placed setting: Setting, what: String) throws {
            let keys = try Keys.decode(setting)
            (clientId, secret) = (keys.clientId, keys.secret)
        }
    }

    /// An application of Entra ID with a certificate.
    struct Certificate: Sendable, Decodable, PlacedSetting {
        let clientId: String
        let file: String

        private struct Keys: PluginSettings {
            let clientId: String
            let file: String

            static let fields: [Field] = [
                .required("clientId", "the application's id"),
                .required("file", "PEM file with the certificate and its private key (RSA, not encrypted)"),
            ]
        }

        init(placed setting: Setting, what: String) throws {
            let keys = try Keys.decode(setting)
            (clientId, file) = (keys.clientId, keys.file)
        }
    }

    /// What Azure gives to the VM that this runs on.
    struct ManagedIdentity: Sendable, Decodable, PlacedSetting {
        let clientId: String?
        let endpoint: String

        private struct Keys: PluginSettings {
            let clientId: String?
            let endpoint: String

            static let fields: [Field] = [
                .optional("clientId", "the identity's client id, when the VM has several"),
                .defaulted("endpoint", "http://169.254.169.254", "address of the instance metadata service"),
            ]
        }

        init(placed setting: Setting, what: String) throws {
            let keys = try Keys.decode(setting)
            (clientId, endpoint) = (keys.clientId, keys.endpoint)
        }
    }

    enum Way: Sendable {
        case clientSecret(ClientSecret)
        case certificate(Certificate)
        case managedIdentity(ManagedIdentity)
    }

    let way: Way
    private let place: String

    private struct Keys: PluginSettings {
        let clientSecret: ClientSecret?
        let certificate: Certificate?
        let managedIdentity: ManagedIdentity?

        static let fields: [Field] = [
            .optional("clientSecret", "an application with a secret: clientId, secret"),
            .optional("certificate", "an application with a certificate: clientId, file"),
            .optional("managedIdentity", "the identity of the Azure VM this runs on: clientId when it has several"),
        ]
    }

    package init(placed setting: Setting, what: String) throws {
        let keys = try Keys.decode(setting)
        let ways: [Way?] = [
            keys.clientSecret.map { .clientSecret($0) }, keys.certificate.map { .certificate($0) },
            keys.managedIdentity.map { .managedIdentity($0) },
        ]
        let given = ways.compactMap(\.self)
        guard let way = given.first, given.count == 1 else {
            throw EngineError(
                .configuration,
                "\(setting.place): give exactly one of `clientSecret`, `certificate` and `managedIdentity: {}`")
        }
        self.way = way
        place = setting.place
    }

    package init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a way to sign in can only be decoded from settings")
    }

    /// - Throws: `.configuration` when the directory is missing that an application needs.
    func check(tenant: String?) throws(EngineError) {
        if case .managedIdentity = way { return }
        guard let tenant, !tenant.isEmpty else {
            throw EngineError(.configuration, "\(place): `tenant` is missing: the directory that the application is in")
        }
    }
}
