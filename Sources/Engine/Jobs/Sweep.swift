/// Removes from the source what earlier runs of this proxy left behind when they died.
struct Sweep: Sendable {
    let repository: Repository
    let source: any Source
    let leases: String
    let progress: ProgressSink

    /// The same, unless nothing can have been left behind.
    func run(unless mark: SweepMark) async {
        RunLease.buryDead(in: leases)
        guard !mark.isValid else { return }
        if await run() { mark.set() }
    }

    /// Never fails a run: what cannot be swept today is told, and swept another day.
    /// - Returns: whether nothing was left behind.
    @discardableResult
    func run() async -> Bool {
        do {
            let folder = leases
            let removed = try await source.sweep(
                SweepRequest(
                    repository: repository.tag, kept: try await references(),
                    isRunning: { RunLease.isRunning($0, in: folder) }))
            for text in removed { progress(.note(vm: nil, "removed what an interrupted run left: \(text)")) }
            return removed.isEmpty
        } catch {
            progress(.warning(vm: nil, "could not look for left-overs of interrupted runs: \(error)"))
            return false
        }
    }

    /// References of the newest restore point of each VM.
    private func references() async throws(EngineError) -> [JSONValue] {
        var newest: [String: StoredPoint] = [:]
        for point in try await repository.restorePoints() {
            let folder = point.key.text.split(separator: "/").dropLast().joined(separator: "/")
            newest[folder] = point
        }
        var references: [JSONValue] = []
        for point in newest.values {
            do {
                references.append(try await repository.manifest(point).reference)
            } catch  where error.kind == .corrupt {
                progress(.warning(vm: nil, "\(error)"))
            }
        }
        return references
    }
}
