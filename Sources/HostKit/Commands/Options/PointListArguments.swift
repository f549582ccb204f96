import ArgumentParser

/// Several restore points on the command line: `POINT…`, with `--vm` and `--repository` to narrow them.
struct PointListArguments: ParsableArguments {
    @Argument(help: "The beginnings of restore points' ids, or `latest` together with --vm.")
    var points: [String]
    @Option(help: ArgumentHelp("Only restore points of this VM, by name or id.", valueName: "vm"))
    var vm: String?
    @Option(help: ArgumentHelp("Only those of this repository.", valueName: "name"))
    var repository: String?

    var references: [PointReference] { points.map(PointReference.init) }
}
