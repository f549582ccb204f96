/// Which restore points a copy brings over, in which order, and what is left out.
struct CopyPlan: Sendable {
    struct Point: Sendable {
        let stored: StoredPoint
        let vm: Manifest.VM
        let sequence: Int

        init(_ stored: StoredPoint, _ manifest: Manifest) {
            self.stored = stored
            vm = manifest.vm
            sequence = manifest.sequence ?? 0
        }

        var id: RestorePointID { stored.id }
    }

    /// One VM after the other by name, of each VM in the order in which they were made.
    private(set) var machines: [[Point]] = []
    /// Restore points whose manifests cannot be read.
    private(set) var unreadable: [CopyReport.Point] = []
    /// Chosen, and at the destination already.
    private(set) var present = 0
    /// Chosen, and older than the newest one of the VM at the destination.
    private(set) var older = 0
    /// Everything that the source has, by name.
    let source: [RestorePointID: StoredPoint]
    /// What the destination has of each VM, oldest first, by the VM's folder there.
    let destination: [String: [StoredPoint]]

    init(_ points: [StoredPoint], _ run: CopyRun) async throws(EngineError) {
        let listed = try await run.source.naming { () async throws(EngineError) in
            try await run.source.repository.restorePoints()
        }
        let there = try await run.destination.naming { () async throws(EngineError) in
            try await run.destination.repository.restorePoints()
        }
        source = Dictionary(listed.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        destination = Dictionary(grouping: there) { $0.key.folder }
        let known = Set(there.map(\.id))
        let lacking = points.filter { !known.contains($0.id) }
        present = points.count - lacking.count
        let read = try await run.source.naming { () async throws(EngineError) in
            try await Self.read(lacking, in: run.source.repository)
        }
        var found: [Point] = []
        for (stored, result) in zip(lacking, read) {
            switch result {
            case .success(let point): found.append(point)
            case .failure(let error): unreadable.append(Self.unreadable(stored, error))
            }
        }
        machines = Self.ordered(found)
        if run.options.isOnlyNewer { try await leaveOutOlder(run.destination) }
    }

    var count: Int { machines.reduce(0) { $0 + $1.count } }

    private static func read(
        _ points: [StoredPoint], in repository: Repository
    ) async throws(EngineError) -> [Result<Point, EngineError>] {
        try await repository.target.together(points) { point -> Result<Point, EngineError> in
            do throws(EngineError) {
                return .success(Point(point, try await repository.manifest(point)))
            } catch {
                guard error.isDamage else { throw error }
                return .failure(error)
            }
        }
    }

    private static func unreadable(_ point: StoredPoint, _ error: EngineError) -> CopyReport.Point {
        let damage = CopyDamage(
            object: point.key.text, disk: nil, start: nil, end: nil, reason: error.description)
        return CopyReport.Point(id: point.id, vm: nil, result: .failure(error), damages: [damage])
    }

    private static func ordered(_ points: [Point]) -> [[Point]] {
        Dictionary(grouping: points, by: \.vm.id).values
            .map { points in points.sorted { ($0.sequence, $0.id) < ($1.sequence, $1.id) } }
            .sorted { ($0[0].vm.name, $0[0].vm.id) < ($1[0].vm.name, $1[0].vm.id) }
    }

    private mutating func leaveOutOlder(_ destination: CopySide) async throws(EngineError) {
        var kept: [[Point]] = []
        for points in machines {
            let newest = try await destination.naming { () async throws(EngineError) in
                try await destination.repository.newestManifest(ofVM: points[0].vm.id, now: .now())
            }
            let newer = points.filter { point in
                newest.map { (point.sequence, point.id) > ($0.sequence ?? 0, $0.id) } ?? true
            }
            older += points.count - newer.count
            if !newer.isEmpty { kept.append(newer) }
        }
        machines = kept
    }
}

extension ObjectKey {
    /// All but the last part, without the slash.
    fileprivate var folder: String { String(text.dropLast(lastPart.count + 1)) }
}

extension CopyPlan {
    /// The restore points of a VM at the destination, nearest to `point` first: those before it, newest first, then
    /// those after it.
    func neighbours(
        of point: RestorePointID, vm: String, in repository: Repository
    ) throws(EngineError) -> [StoredPoint] {
        let all = destination[ObjectLayout.manifests + (try repository.identity.folder(vm: vm))] ?? []
        return all.filter { $0.id < point }.reversed() + all.filter { $0.id > point }
    }
}
