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
        let console = surroundings.console
        let details = try await RepositoryAccess(configuration, in: surroundings)
            .use(found.repository) { open throws(EngineError) in
                PointDetails(
                    repository: found.repository, isPinned: found.isPinned,
                    pin: found.isPinned ? try await Self.pin(of: found, in: open, console) : nil,
                    manifest: try await open.repository.manifest(found.stored))
            }
        console.say(try output.json ? JSONOutput.document(details) : PointText(details).text)
        return .done
    }

    private static func pin(
        of point: FoundPoint, in open: OpenRepository, _ console: Console
    ) async throws(EngineError) -> Pin? {
        do {
            return try await open.repository.pin(of: point.id)
        } catch  where error.kind == .corrupt || error.kind == .unsupported {
            console.warn("\(error)")
            return nil
        }
    }
}
