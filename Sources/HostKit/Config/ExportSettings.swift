import Engine

/// A place for exported images in the configuration.
struct ExportSettings: PluginSettings {
    let target: PluginChoice
    /// Around the target, outermost first; nil: those that the target itself asks for.
    let layers: [PluginChoice]?

    static let fields: [Field] = [
        .required("target", "where images are put: a block with `type`"),
        .optional(
            "layers", "what lies around the target, outermost first: a list of blocks with `type`; `[]` for nothing"),
    ]

    /// - Throws: `.configuration`.
    init(_ setting: Setting) throws(EngineError) { self = try Self.decode(setting) }

    /// The target with its layers, none of them opened.
    /// - Throws: `.configuration`.
    func layeredTarget(of plugins: Plugins, in context: PluginContext) throws(EngineError) -> LayeredTarget {
        try LayeredTarget(target, layers: layers, of: plugins, in: context)
    }
}
