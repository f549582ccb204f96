import Engine

/// Restore points that a command named, sorted by the repositories that have them.
struct PointSelection: Sendable {
    struct Choice: Sendable, Hashable {
        let stored: StoredPoint
        /// Name of its VM; nil when its manifest cannot be read.
        let vm: String?
        let isPinned: Bool

        var id: RestorePointID { stored.id }
        /// `20261122-183045-k3f9x2mq of web-01`
        var words: String { "\(id) of \(vm ?? "an unknown VM (its manifest cannot be read)")" }
    }

    /// What is chosen of one repository, oldest first.
    struct Part: Sendable {
        let repository: String
        let choices: [Choice]
        /// Everything that the repository has.
        let survey: RestorePoints.Survey

        /// Names of the VMs that would have no restore point left without the chosen ones.
        var strippedVMs: [String] {
            let chosen = Set(choices.map(\.id))
            return Dictionary(grouping: survey.points) { $0.vm.id }.values
                .filter { points in points.allSatisfy { chosen.contains($0.id) } }
                .compactMap(\.last?.vm.name).sorted()
        }
    }

    let parts: [Part]

    var choices: [Choice] { parts.flatMap(\.choices) }

    /// - Parameters:
    ///   - references: each must mean exactly one restore point; the whole id of one that cannot be read means it too.
    ///   - surveys: of the repositories to look in, by name.
    ///   - vm: what `--vm` said.
    /// - Throws: `.notFound`, `.configuration`: then nothing is chosen.
    init(
        _ references: [PointReference], among surveys: [(repository: String, survey: RestorePoints.Survey)],
        vm: String?
    ) throws(EngineError) {
        let points = surveys.flatMap(\.survey.points).filter { vm == nil || $0.vm.id == vm || $0.vm.name == vm }
        let damaged = surveys.flatMap { entry in
            entry.survey.unreadable.map { (repository: entry.repository, point: $0.point) }
        }
        var chosen: [String: Set<Choice>] = [:]
        for reference in references {
            if let lost = damaged.first(where: { $0.point.id.text == reference.text }) {
                let isPinned = surveys.contains { $0.survey.pinned.contains(lost.point.id) }
                chosen[lost.repository, default: []].insert(Choice(stored: lost.point, vm: nil, isPinned: isPinned))
            } else {
                let found = try reference.resolve(among: points, vm: vm)
                chosen[found.repository, default: []].insert(
                    Choice(stored: found.stored, vm: found.vm.name, isPinned: found.isPinned))
            }
        }
        parts = surveys.compactMap { name, survey in
            chosen[name].map { choices in
                Part(repository: name, choices: choices.sorted { $0.id < $1.id }, survey: survey)
            }
        }
    }
}
