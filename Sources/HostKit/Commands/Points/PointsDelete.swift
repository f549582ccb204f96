import ArgumentParser
import Engine

/// `ahvault points delete POINT…`
struct PointsDelete: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete restore points.",
        discussion: """
            Every restore point is complete in itself: deleting one touches no other. Its space is given back by \
            `ahvault repository prune`. Asks before it deletes; without a terminal it needs --yes. Pinned restore \
            points are refused, and so is leaving a VM without any, unless --last-too is given.

            EXAMPLES
              ahvault points delete 20261122-183045
              ahvault points delete 20261120 20261121 --vm web-01 --dry-run
              ahvault points delete latest --vm old-01 --last-too --yes
            """)

    @OptionGroup var points: PointListArguments
    @Flag(help: "Only say what would be deleted.")
    var dryRun = false
    @Flag(help: "Do not ask.")
    var yes = false
    @Flag(help: "Delete even the last restore point of a VM.")
    var lastToo = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let catalog = try RestorePoints(configuration, in: surroundings)
        let selection = try await catalog.select(points)
        try refuse(selection)
        if !dryRun { try confirm(selection, surroundings) }
        var deleted: [DeletedPoint] = []
        for part in selection.parts {
            let choices = dryRun ? part.choices : try await delete(part, catalog, configuration, surroundings)
            deleted += choices.map { DeletedPoint(id: $0.id, vm: $0.vm, repository: part.repository) }
        }
        try show(deleted, surroundings.console)
        return deleted.count == selection.choices.count ? .done : .incomplete
    }

    private func refuse(_ selection: PointSelection) throws(EngineError) {
        let pinned = selection.choices.filter(\.isPinned)
        if let first = pinned.first {
            throw EngineError(
                .configuration,
                "restore point \(first.words) is pinned; nothing was deleted. "
                    + "`ahvault points unpin \(pinned.map(\.id.text).joined(separator: " "))` lets it go")
        }
        let stripped = selection.parts.flatMap(\.strippedVMs)
        if !stripped.isEmpty, !lastToo {
            throw EngineError(
                .configuration,
                "nothing would be left of \(stripped.joined(separator: ", ")); nothing was deleted. "
                    + "Give --last-too if that is meant")
        }
    }

    private func confirm(_ selection: PointSelection, _ surroundings: Surroundings) throws(EngineError) {
        guard !yes else { return }
        let lines = selection.parts.flatMap { part in
            part.choices.map { "  \($0.words) (\(part.repository))".printable(keepsLines: false) }
        }
        let question = (["to be deleted:"] + lines + ["Delete? [y/N]"]).joined(separator: "\n")
        guard let answer = surroundings.ask(question) else {
            throw EngineError(.configuration, "there is nobody to ask: give --yes to delete, or --dry-run to look")
        }
        guard ["y", "yes"].contains(answer.lowercased()) else {
            throw EngineError(.failed, "nothing was deleted")
        }
    }

    /// Returns those that were deleted; what was pinned meanwhile stays.
    private func delete(
        _ part: PointSelection.Part, _ catalog: RestorePoints, _ configuration: HostConfiguration,
        _ surroundings: Surroundings
    ) async throws(EngineError) -> [PointSelection.Choice] {
        let gone = try await RepositoryAccess(configuration, in: surroundings)
            .use(part.repository) { open throws(EngineError) in
                try await catalog.delete(part.choices.map(\.stored), in: open)
            }
        return part.choices.filter { choice in
            guard gone.contains(choice.stored) else {
                surroundings.console.warn("restore point \(choice.words) was pinned meanwhile and stays")
                return false
            }
            return true
        }
    }

    private func show(_ deleted: [DeletedPoint], _ console: Console) throws(EngineError) {
        if output.json {
            console.say(try JSONOutput.document(PointDeletion(isDryRun: dryRun, deleted: deleted)))
            return
        }
        let verb = dryRun ? "would be deleted" : "deleted"
        for point in deleted {
            console.say("\(verb): \(point.id) of \(point.vm ?? "an unknown VM")".printable(keepsLines: false))
        }
        if !dryRun { console.note("`ahvault repository prune` gives back the space") }
    }
}

/// A restore point that is there no longer, in `--json`.
struct DeletedPoint: Encodable, Sendable {
    let id: RestorePointID
    /// Name; nil when the manifest could not be read.
    let vm: String?
    let repository: String
}

/// The report of `points delete --json`.
private struct PointDeletion: Encodable, Sendable {
    let isDryRun: Bool
    let deleted: [DeletedPoint]
}
