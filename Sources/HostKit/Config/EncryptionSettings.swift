import Engine

/// That a repository is encrypted, and what opens it.
struct EncryptionSettings: PluginSettings, PlacedSetting {
    let passphrase: Secret

    static let fields: [Field] = [
        .secret("passphrase", required: true, "opens the repository; `repository init` makes its first key of it")
    ]

    private enum CodingKeys: CodingKey {
        case passphrase
    }

    init(from decoder: any Decoder) throws {
        passphrase = try decoder.container(keyedBy: CodingKeys.self).decode(Secret.self, forKey: .passphrase)
    }

    init(placed setting: Setting, what: String) throws {
        if case .scalar = setting.shape {
            // The text may be the passphrase: it is not repeated.
            throw EngineError(.configuration, "\(setting.place): \(what) is a block: `{ passphrase: \"file:PATH\" }`")
        }
        self = try Self.decode(setting)
    }
}
