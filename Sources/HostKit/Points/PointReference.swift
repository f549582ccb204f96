import Engine

/// A restore point as people name it: the beginning of its id, or `latest`.
struct PointReference: Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    /// The one restore point that is meant.
    /// - Parameter vm: what `--vm` said; `points` hold no others then.
    /// - Throws: `.notFound`; `.configuration` when several begin so, with their ids.
    func resolve(among points: [FoundPoint], vm: String?) throws(EngineError) -> FoundPoint {
        if text == "latest" { return try latest(of: points, vm: vm) }
        let found = points.filter { $0.id.text.hasPrefix(text) }
        guard let first = found.first, !text.isEmpty else {
            let where_ = vm.map { " of VM \($0)" } ?? ""
            throw EngineError(
                .notFound, "no restore point\(where_) begins with `\(text)`; `ahvault points list` lists them")
        }
        guard found.count == 1 else { throw ambiguous(found) }
        return first
    }

    private func latest(of points: [FoundPoint], vm: String?) throws(EngineError) -> FoundPoint {
        guard let vm else {
            throw EngineError(.configuration, "`latest` needs --vm: the VM whose newest restore point is meant")
        }
        guard let newest = points.max(by: { ($0.overview.sequence, $0.id) < ($1.overview.sequence, $1.id) }) else {
            throw EngineError(.notFound, "VM \(vm) has no restore point; `ahvault points list` lists all")
        }
        let machines = Set(points.map(\.vm.id))
        guard machines.count == 1 else {
            throw EngineError(
                .configuration,
                "several VMs are called `\(vm)`; give --vm the id of one: \(machines.sorted().joined(separator: ", "))")
        }
        return newest
    }

    private func ambiguous(_ found: [FoundPoint]) -> EngineError {
        let shown = found.suffix(10).map { "\n  \($0.id)  \($0.vm.name)  (\($0.repository))" }.joined()
        let more = found.count > 10 ? "\n  and \(found.count - 10) older ones" : ""
        return EngineError(
            .configuration, "\(found.count) restore points begin with `\(text)`; type more of the id:\(shown)\(more)")
    }
}
