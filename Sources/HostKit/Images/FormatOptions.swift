import ArgumentParser
import Engine

/// `--format`, `--variant` and `--set` of what writes an image.
struct FormatOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The image's format (default: what the output's name ends with); `ahvault image formats` lists them.",
            valueName: "format"))
    var format: String?
    @Option(help: ArgumentHelp("Its form (default: the usual one of the format).", valueName: "variant"))
    var variant: String?
    @Option(
        help: ArgumentHelp(
            "One more setting of the format, such as block-size=1MiB; may be given several times.",
            valueName: "key=value"))
    var set: [KeyAndValue] = []

    /// What was chosen, for an image of that name.
    func choice(for name: String, among formats: ImageFormats) throws(EngineError) -> FormatChoice {
        let told = try formats.name(for: name)
        guard let type = format ?? told else {
            throw EngineError(
                .configuration,
                "give --format: the name \(name) does not tell; this build has: \(formats.names.joined(separator: ", "))"
            )
        }
        var choice = FormatChoice(type: type)
        if let variant { choice.settings["variant"] = variant }
        for setting in set {
            guard choice.settings.updateValue(setting.value, forKey: setting.key) == nil else {
                throw EngineError(.configuration, "`\(setting.key)` is given twice")
            }
        }
        return choice
    }
}
