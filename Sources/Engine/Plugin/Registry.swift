/// The plug-ins of one kind that this program was built with. A value: immutable, no lock, no order of set-up.
public struct Registry<Product: Sendable>: Sendable {
    public struct Entry: Sendable {
        public let name: String
        public let summary: String
        public let fields: [Field]
        let make: @Sendable (Setting, PluginContext) throws(EngineError) -> Product
    }

    /// Sorted by name, so that listings never change their order.
    public let entries: [Entry]

    init(_ entries: [Entry]) {
        precondition(Set(entries.map(\.name)).count == entries.count, "two plug-ins share a name")
        self.entries = entries.sorted { $0.name < $1.name }
    }

    /// These plug-ins and others.
    /// - Precondition: no two share a name.
    public func adding(_ others: Registry) -> Registry { Registry(entries + others.entries) }

    /// Makes the chosen plug-in; it is not opened yet.
    /// - Throws: `.configuration` when there is no such plug-in or its settings do not fit.
    public func make(_ choice: PluginChoice, in context: PluginContext) throws(EngineError) -> Product {
        guard let entry = entries.first(where: { $0.name == choice.type }) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw EngineError(
                .configuration, "\(choice.settings.place): no plug-in `\(choice.type)`; this build has: \(names)")
        }
        do {
            return try entry.make(choice.settings, context)
        } catch {
            throw error.at(entry.name)
        }
    }
}

extension Registry where Product == any Source {
    public init(_ types: [any Source.Type]) { self.init(types.map { Self.entry($0) }) }

    private static func entry<T: Source>(_ type: T.Type) -> Entry {
        Entry(name: T.name, summary: T.summary, fields: T.Settings.fields) { written, context throws(EngineError) in
            try T(T.Settings.decode(written), in: context)
        }
    }
}

extension Registry where Product == any Target {
    public init(_ types: [any Target.Type]) { self.init(types.map { Self.entry($0) }) }

    private static func entry<T: Target>(_ type: T.Type) -> Entry {
        Entry(name: T.name, summary: T.summary, fields: T.Settings.fields) { written, context throws(EngineError) in
            try T(T.Settings.decode(written), in: context)
        }
    }
}

extension Registry where Product == any Codec {
    public init(_ types: [any Codec.Type]) { self.init(types.map { Self.entry($0) }) }

    private static func entry<T: Codec>(_ type: T.Type) -> Entry {
        Entry(name: T.name, summary: T.summary, fields: T.Settings.fields) { written, context throws(EngineError) in
            try T(T.Settings.decode(written), in: context)
        }
    }
}

extension Registry where Product == any DedupIndex {
    public init(_ types: [any DedupIndex.Type]) { self.init(types.map { Self.entry($0) }) }

    private static func entry<T: DedupIndex>(_ type: T.Type) -> Entry {
        Entry(name: T.name, summary: T.summary, fields: T.Settings.fields) { written, context throws(EngineError) in
            try T(T.Settings.decode(written), in: context)
        }
    }
}

extension Registry where Product == any TargetLayer {
    public init(_ types: [any TargetLayer.Type]) { self.init(types.map { Self.entry($0) }) }

    private static func entry<T: TargetLayer>(_ type: T.Type) -> Entry {
        Entry(name: T.name, summary: T.summary, fields: T.Settings.fields) { written, context throws(EngineError) in
            try T(T.Settings.decode(written), in: context)
        }
    }
}

extension Registry where Product == any ImageFormat {
    public init(_ types: [any ImageFormat.Type]) { self.init(types.map { Self.entry($0) }) }

    private static func entry<T: ImageFormat>(_ type: T.Type) -> Entry {
        Entry(name: T.name, summary: T.summary, fields: T.Settings.fields) { written, context throws(EngineError) in
            try T(T.Settings.decode(written), in: context)
        }
    }
}
