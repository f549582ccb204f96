/// A target as a configuration describes it: what keeps the objects, and the layers around it.
package struct LayeredTarget: Sendable {
    private let target: any Target
    private let layers: [any TargetLayer]
    private let place: String

    /// Makes the target and its layers, and opens none of them.
    /// - Parameter layers: outermost first; nil for those that the target itself asks for.
    /// - Throws: `.configuration` for what this build has not, and for settings that do not fit.
    package init(
        _ choice: PluginChoice, layers: [PluginChoice]?, of plugins: Plugins, in context: PluginContext
    ) throws(EngineError) {
        target = try plugins.targets.make(choice, in: context)
        var made: [any TargetLayer] = []
        for layer in layers ?? type(of: target).usualLayers { made.append(try plugins.layers.make(layer, in: context)) }
        self.layers = made
        place = choice.place(among: plugins.targets, in: context)
    }

    /// The target alone.
    package var bare: any Target { target }

    /// The target with its layers.
    /// - Parameter answersFromCopies: false where what the target itself holds is looked at.
    package func wrapped(answersFromCopies: Bool = true) -> any Target {
        layers.reversed().filter { answersFromCopies || !$0.keepsCopies }.reduce(target) { inner, layer in
            layer.around(inner, at: place)
        }
    }

    /// Names of the layers that are left when nothing is answered from copies, outermost first.
    package var activeLayers: [String] { layers.filter { !$0.keepsCopies }.map { type(of: $0).name } }

    /// Names of those layers that make the target worse on purpose.
    package var drills: [String] { layers.filter(\.isDrill).map { type(of: $0).name } }
}

extension PluginChoice {
    /// Names the place that the settings lead to, secrets left out: 32 hexadecimal digits.
    fileprivate func place(among registry: Registry<any Target>, in context: PluginContext) -> String {
        let secrets = registry.entries.first { $0.name == type }?.fields.filter(\.isSecret).map(\.key) ?? []
        var text = "\(type)\n\(context.baseDirectory)\n"
        if case .map(let entries) = settings.shape {
            for entry in entries.sorted(by: { $0.key < $1.key }) where !secrets.contains(entry.key) {
                text += "\(entry.key)=\(entry.value.written)\n"
            }
        }
        return String(Digest.sha256(Array(text.utf8).span.bytes).description.prefix(32))
    }
}

extension Setting {
    /// What was written, without where.
    fileprivate var written: String {
        switch shape {
        case .null: "null"
        case .scalar(let text): text.debugDescription
        case .list(let items): "[" + items.map(\.written).joined(separator: ",") + "]"
        case .map(let entries):
            "{" + entries.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.written)" }.joined(separator: ",")
                + "}"
        }
    }
}
