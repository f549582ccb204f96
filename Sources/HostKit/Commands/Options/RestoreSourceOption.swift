import ArgumentParser

/// `--source` of a restore: by default it goes back to where it came from.
struct RestoreSourceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The source that gets it (default: the one that the backup came from).", valueName: "name"))
    var source: String?
}
