package import Engine

/// The `pageBlob` block: the storage account whose page blobs disks are imported from.
package struct PageBlobChoice: Sendable, Decodable, PlacedSetting {
    package let account: String
    package let container: String
    let prefix: String
    /// The account's resource group, when it is another than that of the VM.
    let resourceGroup: String?
    let endpoint: String?
    /// Whether the account is a part of the path, as emulators have it.
    let isInPath: Bool
    /// Nil: the subscription's sign-in opens the container too.
    let key: Secret?

    private struct Keys: PluginSettings {
        let account: String
        let container: String
        let prefix: String
        let resourceGroup: String?
        let endpoint: String?
        let style: Style
        let key: Secret?

        static let fields: [Field] = [
            .required("account", "the storage account, in the same region as the VM"),
            .required("container", "the container, which must exist"),
            .defaulted("prefix", "", "what names of blobs start with"),
            .optional("resourceGroup", "the account's resource group, when it is another"),
            .optional("endpoint", "the blob service's address, https://HOST[:PORT]; without it ACCOUNT.blob.SUFFIX"),
            .defaulted("style", "host", "where the account stands in addresses: host, or path"),
            .secret("key", "an access key of the account; without it the sign-in is used"),
        ]
    }

    private enum Style: String, Decodable, SettingWord, CaseIterable {
        case host, path
    }

    package init(placed setting: Setting, what: String) throws {
        let keys = try Keys.decode(setting)
        account = keys.account
        container = keys.container
        prefix = keys.prefix
        resourceGroup = keys.resourceGroup
        endpoint = keys.endpoint
        isInPath = keys.style == .path
        key = keys.key
    }

    package init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a storage account can only be decoded from settings")
    }
}
