import Engine

/// What every plug-in promises of its name, its table of settings, and the struct they become.
public enum PluginContract {
    public typealias Case = ContractCase<PluginSubject>

    public static let cases: [Case] = [
        Case("its name is a lower-case word, its summary one line") { plugin in
            let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
            try require(
                plugin.name.first?.isLetter == true && plugin.name.allSatisfy(letters.contains),
                "`\(plugin.name)` is no lower-case word")
            try require(
                !plugin.summary.isEmpty && !plugin.summary.contains("\n") && plugin.summary.count <= 100,
                "its summary is not one line")
        },
        Case("each field has a key of its own and says what it is") { plugin in
            try require(Set(plugin.fields.map(\.key)).count == plugin.fields.count, "two fields share a key")
            for field in plugin.fields {
                try require(!field.key.isEmpty && field.key != "type", "`\(field.key)` cannot be a key")
                try require(!field.summary.isEmpty, "`\(field.key)` does not say what it is")
            }
        },
        Case("the table and the settings name the same keys") { plugin in
            let table = Set(plugin.fields.map(\.key))
            let read = Set(try plugin.read().keys)
            try require(
                table == read,
                "only in the table: \(table.subtracting(read).sorted()); only in the settings: \(read.subtracting(table).sorted())"
            )
        },
        Case("a field that may be absent is not asked for as if it were there") { plugin in
            let demanded = try plugin.read().demanded
            for field in plugin.fields where field.presence == .optional {
                try require(!demanded.contains(field.key), "`\(field.key)` is optional, but decoding demands it")
            }
        },
        Case("settings decode, and a key that is missing or unknown is refused with its name") { plugin in
            let block = try plugin.read().block
            _ = try plugin.describe(block)
            guard case .map(let entries) = block.shape else { throw ContractFailure("settings are no map") }
            for field in plugin.fields where field.presence == .required {
                let rest = Setting(.map(entries.filter { $0.key != field.key }), at: "contract:1:1")
                try requireRefusal(of: rest, naming: field.key, plugin)
            }
            let strange = Setting.Entry(
                key: "no-such-key", place: "contract:2:3", value: Setting(.scalar("x"), at: "contract:2:16"))
            try requireRefusal(
                of: Setting(.map(entries + [strange]), at: "contract:1:1"), naming: "no-such-key", plugin)
        },
        Case("a secret never shows") { plugin in
            let shown = try plugin.describe(try plugin.read().block)
            try require(!shown.contains(SettingsReading.secretMark), "printing the settings shows a secret")
            for field in plugin.fields where field.isSecret {
                try require(shown.contains("•••"), "`\(field.key)` is marked secret, but is no `Secret`")
            }
        },
    ]

    private static func requireRefusal(of block: Setting, naming key: String, _ plugin: PluginSubject) throws {
        do {
            _ = try plugin.describe(block)
        } catch let error as EngineError {
            try require(error.kind == .configuration, "`\(key)`: `\(error.kind.rawValue)` instead of `configuration`")
            return try require(
                error.message.contains("`\(key)`") && error.message.contains("contract:"),
                "the refusal names neither key nor place: \(error)")
        }
        throw ContractFailure("`\(key)` was not refused")
    }
}
