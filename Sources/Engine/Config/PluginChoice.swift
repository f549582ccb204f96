/// A plug-in chosen in a configuration: its `type` and the block's other keys.
public struct PluginChoice: Sendable, Decodable, PlacedSetting {
    public let type: String
    public let settings: Setting

    public init(type: String, settings: Setting) {
        self.type = type
        self.settings = settings
    }

    /// Takes `type` out of a block such as `{ type: local, path: /srv/backup }`.
    public init(_ block: Setting) throws(EngineError) {
        let entries = try block.entries("a plug-in's block")
        guard let type = entries.first(where: { $0.key == "type" }) else {
            throw EngineError(.configuration, "\(block.place): `type` is missing: which plug-in this is")
        }
        guard case .scalar(let name) = type.value.shape else { throw type.value.mismatch("`type`", "a name") }
        self.init(type: name, settings: Setting(.map(entries.filter { $0.key != "type" }), at: block.place))
    }

    package init(placed setting: Setting, what: String) throws { try self.init(setting) }

    public init(from decoder: any Decoder) throws {
        throw EngineError(.bug, "a plug-in's choice can only be decoded from settings")
    }
}

extension PluginChoice {
    /// A plug-in with its defaults, for a block that is not written.
    public static func usual(_ type: String) -> PluginChoice {
        PluginChoice(type: type, settings: .empty(at: "default"))
    }
}

extension [PluginChoice] {
    /// The usual layers of targets behind a network: what was read before is not fetched again, and what fails by chance
    /// is tried again.
    public static var remoteLayers: [PluginChoice] { [.usual("cache"), .usual("retry")] }

    /// The same for targets that try again by themselves.
    public static var patientRemoteLayers: [PluginChoice] { [.usual("cache")] }
}
