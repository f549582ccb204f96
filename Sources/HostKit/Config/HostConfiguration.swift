import Engine
import Logging

/// The whole configuration, decoded and checked: START HERE to see what a configuration can say.
///
/// Nothing is opened and no secret is read to make it. A mistake anywhere in the file is found before anything runs.
struct HostConfiguration: Sendable {
    let file: ConfigFile
    let sources: Section<PluginChoice>
    let repositories: Section<RepositorySettings>
    let jobs: Section<JobConfiguration>
    let exports: Section<ExportSettings>
    let azure: Section<AzurePlaceSettings>
    let proxy: ProxyIdentity
    let cache: CacheFolder
    /// In which days begin and end.
    let localTime: LocalTime

    /// - Throws: `.configuration` with file, line and column.
    init(_ file: ConfigFile, environment: (String) -> String?) throws(EngineError) {
        self.file = file
        let parts = try Parts.decode(file.setting)
        sources = try Section("source", parts.sources) { setting throws(EngineError) in try PluginChoice(setting) }
        repositories = try Section("repository", parts.repositories) { setting throws(EngineError) in
            try RepositorySettings(setting)
        }
        jobs = try Section("job", parts.jobs) { setting throws(EngineError) in try JobConfiguration(setting) }
        exports = try Section("export place", parts.exports) { setting throws(EngineError) in
            try ExportSettings(setting)
        }
        azure = try Section("subscription of Azure", parts.azure) { setting throws(EngineError) in
            try AzurePlaceSettings(setting)
        }
        cache = try CacheFolder(configured: parts.cache.map(file.resolve), environment: environment)
        proxy = try ProxyIdentity(parts.proxy, cache: cache.path)
        localTime = parts.timeZone ?? .machine
        for job in jobs.entries {
            _ = try sources.entry(named: job.value.source.text, at: job.value.source.place)
            _ = try repositories.entry(named: job.value.repository.text, at: job.value.repository.place)
        }
    }

    /// Makes every plug-in that is configured, once, and opens none of them.
    /// - Throws: `.configuration` for an unknown plug-in and for settings that do not fit.
    func check(with plugins: Plugins, in context: PluginContext) throws(EngineError) {
        for entry in sources.entries { _ = try plugins.sources.make(entry.value, in: context) }
        for entry in repositories.entries {
            _ = try entry.value.layeredTarget(of: plugins, in: context)
            _ = try plugins.codecs.make(entry.value.codec, in: context)
            _ = try plugins.indexes.make(entry.value.index, in: context)
        }
        for entry in exports.entries { _ = try entry.value.layeredTarget(of: plugins, in: context) }
        for entry in azure.entries { _ = try entry.value.subscription(in: context) }
    }

    /// What is allowed but unwise, for the administrator.
    func warnings(with plugins: Plugins) -> [String] {
        var literal: [String] = sources.entries.flatMap { plugins.sources.literalSecrets(of: $0.value) }
        for entry in repositories.entries {
            literal += plugins.targets.literalSecrets(of: entry.value.target)
            literal += (entry.value.layers ?? []).flatMap { plugins.layers.literalSecrets(of: $0) }
            if let secret = entry.value.encryption?.passphrase, secret.isLiteral {
                literal.append("\(secret.place): `passphrase`")
            }
        }
        for entry in exports.entries {
            literal += plugins.targets.literalSecrets(of: entry.value.target)
            literal += (entry.value.layers ?? []).flatMap { plugins.layers.literalSecrets(of: $0) }
        }
        literal += azure.entries.flatMap(\.value.literalSecrets)
        var warnings = literal.map { "\($0) stands in the configuration in clear; use `env:NAME` or `file:PATH`" }
        if !literal.isEmpty, file.isReadableByOthers {
            warnings.append("\(file.path) holds secrets and other users can read it: run `chmod 600 \(file.path)`")
        }
        return warnings + drills(with: plugins)
    }

    /// Layers that make targets worse on purpose, for nobody to forget them.
    private func drills(with plugins: Plugins) -> [String] {
        let context = PluginContext(logger: Logger(label: "ahvault"), cacheDirectory: cache.path)
        return repositories.entries.flatMap { entry in
            let drills = (try? entry.value.layeredTarget(of: plugins, in: context))?.drills ?? []
            return drills.map {
                "repository \(entry.name): the drill layer `\($0)` disturbs its target on purpose; "
                    + "take it out of `layers` when the drill is over"
            }
        }
    }

    private struct Parts: PluginSettings {
        let sources: Setting?
        let repositories: Setting?
        let jobs: Setting?
        let exports: Setting?
        let azure: Setting?
        let proxy: Setting?
        let cache: String?
        let timeZone: LocalTime?

        static let fields: [Field] = [
            .optional("sources", "where VMs live"),
            .optional("repositories", "where restore points are kept"),
            .optional("jobs", "which VMs are backed up to where"),
            .optional("exports", "where exported images are put, besides files"),
            .optional("azure", "subscriptions of Microsoft Azure that VMs are exported to"),
            .optional("proxy", "this proxy's own settings"),
            .optional("cache", "folder for what can be made again"),
            .optional(
                "timeZone", "in which days and weeks begin, such as `Europe/Berlin`; this machine's unless given"),
        ]

        private enum CodingKeys: String, CodingKey {
            case sources, repositories, jobs, exports, azure, proxy, cache, timeZone
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func part(_ key: CodingKeys) throws -> Setting? {
                try container.decodeIfPresent(RawSetting.self, forKey: key)?.setting
            }
            sources = try part(.sources)
            repositories = try part(.repositories)
            jobs = try part(.jobs)
            exports = try part(.exports)
            azure = try part(.azure)
            proxy = try part(.proxy)
            cache = try container.decodeIfPresent(String.self, forKey: .cache)
            timeZone = try container.decodeIfPresent(LocalTime.self, forKey: .timeZone)
        }
    }
}

/// A setting that another decoder goes on with.
private struct RawSetting: Decodable, PlacedSetting {
    let setting: Setting

    init(placed setting: Setting, what: String) { self.setting = setting }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a setting can only be decoded from settings")
    }
}

extension Registry {
    /// Names and places of the secrets that stand in the block themselves.
    fileprivate func literalSecrets(of choice: PluginChoice) -> [String] {
        guard let entry = entries.first(where: { $0.name == choice.type }),
            let written = try? choice.settings.entries("this block")
        else { return [] }
        return written.compactMap { setting in
            guard entry.fields.contains(where: { $0.key == setting.key && $0.isSecret }),
                let secret = try? Secret(placed: setting.value, what: setting.key), secret.isLiteral
            else { return nil }
            return "\(setting.place): `\(setting.key)`"
        }
    }
}
