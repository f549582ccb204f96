package import Engine

extension AzureBlobTarget {
    package struct Settings: PluginSettings {
        let account: String
        let container: String
        let prefix: String
        let endpoint: String?
        let endpointSuffix: String
        let style: Style
        let key: Secret?
        let sas: Secret?
        let clientCredentials: ClientCredentials?
        let managedIdentity: ManagedIdentity?
        let tls: TLSBlock
        let createContainer: Bool
        let parallelism: Int
        let partSize: Int

        package static let fields: [Field] = [
            .required("account", "the storage account"),
            .required("container", "the container, which must exist"),
            .defaulted(
                "prefix", "", "what all names of blobs start with, as a folder: several repositories a container"),
            .optional("endpoint", "the blob service's address, https://HOST[:PORT]; without it ACCOUNT.blob.SUFFIX"),
            .defaulted(
                "endpointSuffix", "core.windows.net", "the cloud: core.usgovcloudapi.net, core.chinacloudapi.cn"),
            .defaulted(
                "style", "host", "where the account stands in addresses: host, or path (emulators, addresses by number)"
            ),
            .secret("key", "an access key of the account, in base64"),
            .secret("sas", "a shared access signature: the text from `sv=` on"),
            .optional("clientCredentials", "an application of Entra ID: tenant, clientId, secret, authority"),
            .optional("managedIdentity", "the identity of the Azure VM this runs on: clientId when it has several"),
            TLSBlock.field,
            .defaulted("createContainer", "false", "whether a missing container is made"),
            .defaulted("parallelism", "8", "requests in flight, 1 to 64"),
            .defaulted(
                "partSize", "32",
                "larger objects are put in blocks of this many MiB, 1 to 1024, and more for very large ones"),
        ]
    }

    package enum Style: String, Sendable, Decodable, PlacedSetting, CaseIterable {
        case host, path
    }

    /// An application that Entra ID knows by a secret.
    package struct ClientCredentials: Sendable, Decodable, PlacedSetting {
        let tenant: String
        let clientId: String
        let secret: Secret
        let authority: String

        private struct Keys: PluginSettings {
            let tenant: String
            let clientId: String
            let secret: Secret
            let authority: String

            static let fields: [Field] = [
                .required("tenant", "the directory: its id or domain"),
                .required("clientId", "the application's id"),
                .secret("secret", required: true, "the application's secret"),
                .defaulted("authority", "https://login.microsoftonline.com", "address of Entra ID of the cloud"),
            ]
        }

        package init(placed setting: Setting, what: String) throws {
            let keys = try Keys.decode(setting)
            (tenant, clientId, secret, authority) = (keys.tenant, keys.clientId, keys.secret, keys.authority)
        }
    }

    /// What Azure gives to a VM without any secret.
    package struct ManagedIdentity: Sendable, Decodable, PlacedSetting {
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

        package init(placed setting: Setting, what: String) throws {
            let keys = try Keys.decode(setting)
            (clientId, endpoint) = (keys.clientId, keys.endpoint)
        }
    }
}
