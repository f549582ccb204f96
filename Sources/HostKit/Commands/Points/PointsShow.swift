import ArgumentParser
import Engine

/// `ahvault points show POINT`
struct PointsShow: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything about one restore point.",
        discussion: """
            POINT is the beginning of a restore point's id, or `latest` together with --vm.

            EXAMPLES
              ahvault points show 20261122-183045
              ahvault points show latest --vm web-01 --json
            """)

    @OptionGroup var point: PointArguments
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let points = try RestorePoints(configuration, in: surroundings)
        let found = try await points.find(point.reference, repository: point.repository, vm: point.vm)
        if output.json {
            surroundings.console.say(try JSONOutput.document(PointDetails(found)))
        } else {
            surroundings.console.say(PointText(found).text)
        }
        return .done
    }
}
