import Azure
import Engine

/// A subscription of Azure in the configuration.
struct AzurePlaceSettings: Sendable {
    private let setting: Setting

    /// What a command line says in place of the configuration: a text, or nil for nothing at all.
    typealias Changes = [String: String?]

    /// Where secrets stand.
    private static let secrets = [["signIn", "clientSecret", "secret"], ["pageBlob", "key"], ["container"]]

    /// - Throws: `.configuration` with the place.
    init(_ setting: Setting) throws(EngineError) {
        self.setting = setting
        _ = try AzureSubscription.Settings.decode(setting)
    }

    /// Whether VHDs can go to a storage account.
    var hasPageBlob: Bool { Self.value(at: ["pageBlob"], in: setting) != nil }

    /// The subscription, with nothing opened.
    /// - Throws: `.configuration` with the place.
    func subscription(_ changes: Changes = [:], in context: PluginContext) throws(EngineError) -> AzureSubscription {
        let settings = try AzureSubscription.Settings.decode(try changed(changes))
        do throws(EngineError) {
            return try AzureSubscription(settings, in: context)
        } catch {
            throw EngineError(error.kind, "\(setting.place): \(error.message)")
        }
    }

    /// Names and places of the secrets that stand in the block in clear.
    var literalSecrets: [String] {
        Self.secrets.compactMap { path in
            guard let key = path.last, let value = Self.value(at: path, in: setting),
                let secret = try? Secret(placed: value, what: key), secret.isLiteral
            else { return nil }
            return "\(secret.place): `\(key)`"
        }
    }

    private func changed(_ changes: Changes) throws(EngineError) -> Setting {
        var entries = try setting.entries("this block").filter { changes[$0.key] == nil }
        for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
            guard let value else { continue }
            let place = "--" + Self.option(for: key)
            entries.append(Setting.Entry(key: key, place: place, value: Setting(.scalar(value), at: place)))
        }
        return Setting(.map(entries), at: setting.place)
    }

    /// `disk-type` for `diskType`.
    private static func option(for key: String) -> String {
        key.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }

    private static func value(at path: [String], in setting: Setting) -> Setting? {
        var setting = setting
        for key in path {
            guard let entry = (try? setting.entries(key))?.first(where: { $0.key == key }) else { return nil }
            setting = entry.value
        }
        return setting
    }
}
