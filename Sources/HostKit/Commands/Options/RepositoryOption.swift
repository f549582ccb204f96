import ArgumentParser

/// `--repository`, to be left out when only one is configured.
struct RepositoryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("A repository of the configuration; not needed when there is only one.", valueName: "name"))
    var repository: String?
}
