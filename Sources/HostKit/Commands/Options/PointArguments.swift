import ArgumentParser

/// A restore point on the command line: `POINT`, with `--vm` and `--repository` to narrow it.
struct PointArguments: ParsableArguments {
    @Argument(help: "The beginning of a restore point's id, or `latest` together with --vm.")
    var point: String
    @Option(help: ArgumentHelp("Only restore points of this VM, by name or id.", valueName: "vm"))
    var vm: String?
    @Option(help: ArgumentHelp("Only those of this repository.", valueName: "name"))
    var repository: String?

    var reference: PointReference { PointReference(point) }
}
