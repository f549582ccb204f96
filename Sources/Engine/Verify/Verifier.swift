import Synchronization

/// Checks a repository: every manifest, index run and tree node, and if asked every byte of the packs. Changes nothing.
package struct Verifier: Sendable {
    package let repository: Repository
    package let index: any DedupIndex
    package let progress: ProgressSink

    package init(repository: Repository, index: any DedupIndex, progress: @escaping ProgressSink) {
        self.repository = repository
        self.index = index
        self.progress = progress
    }

    /// - Parameter percent: how many of the packs are read whole, chosen at random; nil reads only what the structure
    ///   needs.
    /// - Throws: what keeps the check from being done at all; damage is no error but part of the report.
    package func check(percent: Double?) async throws(EngineError) -> CheckReport {
        try await onBlockingThreads { try await run(percent) }
    }

    private func run(_ percent: Double?) async throws -> CheckReport {
        let started = Stopwatch.now()
        var damages = DamageList()
        let manifests = try await readManifests(&damages)
        let packs = try await PackSurvey(repository: repository, index: index).run(&damages)
        let blobs = BlobReader(repository, index: index)
        let read = try await readPacks(packs, percent, blobs, &damages)
        var trees = TreeCheck(blobs: blobs, trees: TreeReader(blobs: blobs), lost: Set(damages.lost.keys))
        for manifest in manifests { try await check(manifest, &trees, blobs, &damages) }
        return CheckReport(
            depth: percent == nil ? "structure" : "deep", restorePoints: manifests.count, packs: packs.count,
            packsRead: read.count, bytesRead: read.bytes, damages: damages.merged(), settled: [], recency: [],
            notes: [], seconds: Stopwatch.now() - started)
    }

    private func readManifests(_ damages: inout DamageList) async throws(EngineError) -> [Manifest] {
        var manifests: [Manifest] = []
        for object in try await repository.target.list(prefix: ObjectLayout.manifests) {
            do {
                let point = StoredPoint(
                    id: try RestorePointID(object.key.lastPart), key: object.key, size: object.size)
                do {
                    manifests.append(try await repository.manifest(point))
                } catch  where error.kind == .corrupt || error.kind == .unsupported {
                    let hit = CheckReport.Hit(point: point.id, vm: "?", disk: nil, start: nil, end: nil)
                    damages.add(object.key, error.message, hits: [hit])
                }
            } catch  where error.kind == .corrupt {
                damages.add(object.key, error.message, hits: [])
            }
        }
        return manifests
    }

    private func readPacks(
        _ packs: [PackSurvey.Pack], _ percent: Double?, _ blobs: BlobReader, _ damages: inout DamageList
    ) async throws -> (count: Int, bytes: UInt64) {
        guard let percent else { return (0, 0) }
        let chosen = percent >= 100 ? packs : packs.filter { _ in Double.random(in: 0..<100) < percent }
        let total = chosen.reduce(UInt64(0)) { $0 + UInt64($1.size) }
        let done = Mutex<UInt64>(0)
        let progress = progress
        let findings = try await withThrowingTaskGroup(of: (PackSurvey.Pack, [PackCheck.Finding]).self) { group in
            var waiting = chosen.makeIterator()
            var results: [(PackSurvey.Pack, [PackCheck.Finding])] = []
            func start() {
                guard let pack = waiting.next() else { return }
                group.addTask {
                    try Task.checkCancellation()
                    let check = PackCheck(
                        id: pack.id, kind: pack.kind, size: pack.size, entries: pack.entries, blobs: blobs)
                    return (pack, try await check.run())
                }
            }
            for _ in 0..<3 { start() }
            while let result = try await group.next() {
                results.append(result)
                let soFar = done.withLock { done in
                    done += UInt64(result.0.size)
                    return done
                }
                progress(.checkAdvanced(done: soFar, total: total))
                start()
            }
            return results
        }
        for (pack, found) in findings.sorted(by: { $0.0.id < $1.0.id }) {
            for finding in found { damages.add(pack, finding, index: index) }
        }
        return (chosen.count, total)
    }

    private func check(
        _ manifest: Manifest, _ trees: inout TreeCheck, _ blobs: BlobReader, _ damages: inout DamageList
    ) async throws(EngineError) {
        do {
            let bytes = try await blobs.read(
                manifest.configuration, limit: RepositoryFormat.documentLimit, "VM configuration")
            _ = try JSONValue(parsing: bytes.array)
        } catch  where error.kind == .corrupt || error.kind == .notFound {
            let hit = CheckReport.Hit(
                point: manifest.id, vm: manifest.vm.name, disk: nil, start: nil, end: nil)
            damages.hit(manifest.configuration, index, "the VM's configuration: \(error)", hit)
        }
        for disk in manifest.disks {
            for loss in try await trees.check(disk) {
                let hit = CheckReport.Hit(
                    point: manifest.id, vm: manifest.vm.name, disk: disk.address.description,
                    start: loss.range.start, end: loss.range.end)
                damages.hit(loss.blob, index, loss.reason, hit)
            }
        }
    }
}
