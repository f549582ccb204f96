import ArgumentParser

/// `--source`, to be left out when only one is configured.
struct SourceOption: ParsableArguments {
    @Option(help: ArgumentHelp("A source of the configuration; not needed when there is only one.", valueName: "name"))
    var source: String?
}
