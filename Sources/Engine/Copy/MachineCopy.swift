/// Copies restore points of one VM, each on top of the one before.
struct MachineCopy: Sendable {
    let work: CopyWork
    let plan: CopyPlan

    /// - Parameter points: in the order in which they were made.
    /// - Throws: what the repositories throw, other than damage of the source.
    func run(_ points: [CopyPlan.Point]) async throws(EngineError) -> [CopyReport.Point] {
        var results: [CopyReport.Point] = []
        let held = HeldRoots()
        defer { held.letGo(work) }
        var base: CopyBase?
        for point in points {
            do throws(EngineError) {
                guard let manifest = try await hold(point, held) else { continue }
                if base == nil, let found = try await search.base(for: manifest) {
                    held.add(found)
                    base = found.base
                }
                let (result, copied) = try await copy(manifest, base)
                results.append(result)
                if let copied { base = CopyBase(source: manifest, destination: copied) }
            } catch {
                guard error.isDamage else { throw error.at(point.vm.name) }
                work.progress(.machineFailed(vm: point.vm.name, error: error))
                results.append(CopyReport.Point(id: point.id, vm: point.vm, result: .failure(error), damages: []))
            }
        }
        return results
    }

    private var search: BaseSearch {
        BaseSearch(
            plan: plan, source: work.source, destination: work.destination, translation: work.translation,
            sourceSession: work.sourceSession, session: work.session)
    }

    /// Reads the manifest, and keeps a prune of the source off what it needs.
    /// - Returns: nil when the restore point was deleted before that.
    private func hold(_ point: CopyPlan.Point, _ held: HeldRoots) async throws(EngineError) -> Manifest? {
        let repository = work.source.repository
        let manifest = try await work.source.naming { () async throws(EngineError) -> Manifest? in
            do throws(EngineError) {
                let manifest = try await repository.manifest(point.stored)
                guard let session = work.sourceSession else { return manifest }
                try await session.pin(manifest.roots)
                held.source += manifest.roots
                return try await repository.contains(manifest) ? manifest : nil
            } catch {
                guard error.kind == .notFound else { throw error }
                return nil
            }
        }
        if manifest == nil {
            work.progress(.note(vm: point.vm.name, "restore point \(point.id) was deleted meanwhile"))
        }
        return manifest
    }

    /// - Returns: what to report, and the restore point as the destination has it when it was copied.
    private func copy(
        _ manifest: Manifest, _ base: CopyBase?
    ) async throws(EngineError) -> (CopyReport.Point, Manifest?) {
        let vm = manifest.vm
        let copy = PointCopy(work: work, manifest: manifest, base: base)
        do throws(EngineError) {
            let result = try await copy.run()
            work.progress(.machineFinished(vm: vm.name, result: "restore point \(manifest.id) copied"))
            let report = CopyReport.Point(
                id: manifest.id, vm: vm, result: .success(result.amount), damages: [])
            return (report, result.isNew ? result.manifest : nil)
        } catch {
            guard error.isDamage else { throw error }
            let located = error.at("restore point \(manifest.id)")
            work.progress(.machineFailed(vm: vm.name, error: located))
            let report = CopyReport.Point(
                id: manifest.id, vm: vm, result: .failure(located), damages: copy.damages.all)
            return (report, nil)
        }
    }
}

/// What is held fast at both repositories for the copies of one VM.
private final class HeldRoots {
    var source: [SessionRecord.Root] = []
    var destination: [SessionRecord.Root] = []

    func add(_ found: BaseSearch.Found) {
        source += found.sourceRoots
        destination += found.destinationRoots
    }

    func letGo(_ work: CopyWork) {
        work.sourceSession?.unpin(source)
        work.session.unpin(destination)
    }
}
