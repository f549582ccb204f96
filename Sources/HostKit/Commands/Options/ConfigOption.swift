import ArgumentParser

/// `--config`, which every command takes.
struct ConfigOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration (default: ./ahvault.yaml, then /etc/ahvault/ahvault.yaml).", valueName: "file"))
    var config: String?
}
