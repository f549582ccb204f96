import Engine

/// A job: which VMs of which source go to which repository, and how.
struct JobConfiguration: Sendable {
    let source: PlacedName
    let vms: VMSelection
    let repository: PlacedName
    let consistency: Consistency
    /// How many VMs are backed up at once.
    let parallel: Int
    let schedule: Schedule?
    let keep: KeepRule?
    /// As written, for the manifests of its restore points.
    let written: Setting

    init(_ setting: Setting) throws(EngineError) {
        let settings = try Settings.decode(setting)
        guard settings.parallel >= 1, settings.parallel <= 64 else {
            throw EngineError(.configuration, "\(setting.place): `parallel` must be from 1 to 64")
        }
        source = settings.source
        vms = settings.vms
        repository = settings.repository
        consistency = settings.consistency.value
        parallel = Int(settings.parallel)
        schedule = settings.schedule
        keep = settings.keep
        written = setting
    }

    /// What a manifest says about the job that made it.
    func snapshot(name: String) -> JSONValue {
        .object(written.json.object.merging(["name": .string(name)]) { _, name in name })
    }

    /// The settings that this version keeps but does not act on.
    var dormant: [String] { schedule == nil ? [] : ["schedule"] }

    private struct Settings: PluginSettings {
        let source: PlacedName
        let vms: VMSelection
        let repository: PlacedName
        let consistency: WrittenConsistency
        let parallel: UInt16
        let schedule: Schedule?
        let keep: KeepRule?

        static let fields: [Field] = [
            .required("source", "name of the source that has the VMs"),
            .required("vms", "which VMs: `names`, `categories`, `exclude`"),
            .required("repository", "name of the repository that the restore points go to"),
            .defaulted("consistency", "crash", "`crash` or `application`"),
            .defaulted("parallel", "2", "how many VMs are backed up at once"),
            .optional("schedule", "when it runs, such as `daily 22:30`"),
            .optional("keep", "which restore points stay: `last`, `hourly` … `yearly`, `within`, `minimum`"),
        ]
    }
}

/// `crash` or `application`, as written.
private struct WrittenConsistency: Sendable, Decodable, PlacedSetting {
    let value: Consistency

    init(placed setting: Setting, what: String) throws {
        guard case .scalar(let text) = setting.shape, let value = Consistency(rawValue: text) else {
            throw setting.mismatch(what, "`crash` or `application`")
        }
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a consistency can only be decoded from settings")
    }
}

extension Setting {
    /// The same as JSON; whatever has no shape of its own there is text.
    fileprivate var json: JSONValue {
        switch shape {
        case .null: .null
        case .scalar(let text): .string(text)
        case .list(let items): .array(items.map(\.json))
        case .map(let entries): .object(Dictionary(entries.map { ($0.key, $0.value.json) }) { _, last in last })
        }
    }
}
