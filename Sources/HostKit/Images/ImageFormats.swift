import Engine

/// The image formats of this build: by name, by the name of a file, by its content.
struct ImageFormats: Sendable {
    private let registry: Registry<any ImageFormat>
    private let context: PluginContext

    init(_ surroundings: Surroundings) {
        registry = surroundings.plugins.images
        context = PluginContext(logger: surroundings.logger, environment: surroundings.environment)
    }

    var names: [String] { registry.entries.map(\.name) }

    /// Whether the format has a setting of that name.
    func has(_ key: String, _ format: String) -> Bool {
        registry.entries.first { $0.name == format }?.fields.contains { $0.key == key } ?? false
    }

    func make(_ choice: FormatChoice) throws(EngineError) -> any ImageFormat {
        try registry.make(choice.plugin, in: context)
    }

    /// Every format with its usual settings.
    func all() throws(EngineError) -> [any ImageFormat] {
        var formats: [any ImageFormat] = []
        for name in names { formats.append(try make(FormatChoice(type: name))) }
        return formats
    }

    /// The format that a file's name tells.
    func name(for file: String) throws(EngineError) -> String? {
        let end = file.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map { $0.lowercased() }
        guard let end else { return nil }
        return try all().first { type(of: $0).fileExtensions.contains(end) }.map { type(of: $0).name }
    }

    /// The format of an image: the one that is given, or the one that its content tells.
    ///
    /// What no format knows for certain is raw.
    func format(of storage: any ImageStorage, given: String?) async throws(EngineError) -> any ImageFormat {
        if let given { return try make(FormatChoice(type: given)) }
        var best: (format: any ImageFormat, recognition: ImageRecognition)?
        for format in try all() {
            let recognition = try await format.recognition(of: storage)
            if recognition > best?.recognition ?? .no { best = (format, recognition) }
        }
        guard let best else {
            throw EngineError(.unsupported, "\(storage.name) is no image that this build knows")
        }
        return best.format
    }
}
