import ArgumentParser
import Engine

/// `ahvault points list`
struct PointsList: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List restore points, oldest first.",
        discussion: """
            Without --repository all configured repositories are asked.

            EXAMPLES
              ahvault points list
              ahvault points list --vm web-01
              ahvault points list --repository main --json
            """)

    @Option(help: ArgumentHelp("Only restore points of this VM, by name or id.", valueName: "vm"))
    var vm: String?
    @Option(help: ArgumentHelp("Only those of this repository.", valueName: "name"))
    var repository: String?
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let points = try await RestorePoints(configuration, in: surroundings).list(repository: repository, vm: vm)
        if output.json {
            surroundings.console.say(try JSONOutput.document(points.map(PointSummary.init)))
        } else if points.isEmpty {
            surroundings.console.note("no restore points\(vm.map { " of VM \($0)" } ?? "")")
        } else {
            surroundings.console.say(Self.table(points).text)
        }
        return .done
    }

    static func table(_ points: [FoundPoint]) -> Table {
        var table = Table([
            .left("RESTORE POINT"), .left("CREATED (UTC)"), .left("VM"), .left("KIND"), .right("DISKS"),
            .right("SIZE"), .right("NEW"), .right("STORED"), .left("CONSISTENCY"), .left("PINNED"), .left("REPOSITORY"),
        ])
        for point in points {
            let overview = point.overview
            let statistics = overview.statistics
            table.add([
                point.id.text, overview.created.minutes, point.vm.name, overview.kind.rawValue, "\(overview.disks)",
                "\(ByteCount(statistics.size))", "\(ByteCount(statistics.new))", "\(ByteCount(statistics.stored))",
                overview.consistency.text, point.isPinned ? "yes" : "", point.repository,
            ])
        }
        return table
    }
}
