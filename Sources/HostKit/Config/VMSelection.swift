import Engine

/// Which VMs of a source belong to a job.
///
/// A VM belongs to it when one of the `names` fits, or when it is in all of the `categories`; what an `exclude` pattern
/// fits never does.
struct VMSelection: PluginSettings, PlacedSetting {
    var names: [String]?
    var categories: [String: OneOrMore]?
    var exclude: [String]?

    static let fields: [Field] = [
        .optional("names", "patterns of names: `*` stands for any characters, `?` for one"),
        .optional("categories", "category keys, each with a value or a list of values"),
        .optional("exclude", "patterns of names that are left out"),
    ]

    func includes(_ machine: VirtualMachine) -> Bool {
        guard !Self.fits(machine.name, exclude) else { return false }
        return Self.fits(machine.name, names) || isInCategories(machine)
    }

    private func isInCategories(_ machine: VirtualMachine) -> Bool {
        guard let categories, !categories.isEmpty else { return false }
        return categories.allSatisfy { key, wanted in
            let values = machine.categories[key] ?? []
            return wanted.values.contains { values.contains($0) }
        }
    }

    private static func fits(_ name: String, _ patterns: [String]?) -> Bool {
        patterns?.contains { Glob($0).matches(name) } ?? false
    }

    /// - Throws: `.configuration` also for a selection that could never choose a VM.
    init(placed setting: Setting, what: String) throws {
        self = try Self.decode(setting)
        guard names?.isEmpty == false || categories?.isEmpty == false else {
            throw EngineError(.configuration, "\(setting.place): \(what) chooses no VM: give `names` or `categories`")
        }
    }
}

/// A text, or a list of texts.
struct OneOrMore: Sendable, Decodable, PlacedSetting {
    let values: [String]

    init(placed setting: Setting, what: String) throws {
        switch setting.shape {
        case .scalar(let text): values = [text]
        case .list(let items):
            values = try items.map { item throws(EngineError) in
                guard case .scalar(let text) = item.shape else { throw item.mismatch("each item", "text") }
                return text
            }
        default: throw setting.mismatch(what, "text or a list of texts")
        }
    }

    init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a choice of values can only be decoded from settings")
    }
}
