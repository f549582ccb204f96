/// Brings disks of a restore point out as images, straight from their chunks: every chunk is checked against its id before
/// its bytes leave.
///
/// A damaged chunk that nothing helps ends the export with its name; what was written then never stands under an image's
/// name.
package struct Exporter: Sendable {
    package let repository: Repository
    package let index: any DedupIndex
    /// Folder of this proxy's run leases.
    package let leases: String
    package let progress: ProgressSink

    package init(
        repository: Repository, index: any DedupIndex, leases: String, progress: @escaping ProgressSink
    ) {
        self.repository = repository
        self.index = index
        self.leases = leases
        self.progress = progress
    }

    /// Exports disks of one restore point side by side.
    /// - Throws: the first failure; the other exports are cancelled.
    package func export(_ disks: [DiskExport], of manifest: Manifest) async throws(EngineError) -> [ExportedDisk] {
        do {
            return try await read(manifest) { blobs in
                try await withThrowingTaskGroup(of: (Int, ExportedDisk).self) { group in
                    for (position, disk) in disks.enumerated() {
                        group.addTask { (position, try await export(disk, of: manifest, blobs)) }
                    }
                    var done: [(Int, ExportedDisk)] = []
                    for try await result in group { done.append(result) }
                    return done.sorted { $0.0 < $1.0 }.map(\.1)
                }
            }
        } catch {
            throw error.at(manifest.vm.name)
        }
    }

    /// Runs `body` with a way to read what a restore point holds, on the engine's threads and under a lease.
    package func read<R: Sendable>(
        _ manifest: Manifest, _ body: @Sendable (BlobReader) async throws -> R
    ) async throws(EngineError) -> R {
        let reading = PointReading(repository: repository, index: index, leases: leases, progress: progress)
        return try await onBlockingThreads { try await reading.run(manifest) { blobs, _ in try await body(blobs) } }
    }

    private func export(
        _ export: DiskExport, of manifest: Manifest, _ blobs: BlobReader
    ) async throws -> ExportedDisk {
        let work = DiskWork(vm: manifest.vm.name, address: export.disk.address)
        let disk = RestorePointReader(
            RestorePointDisk(export.disk, trees: TreeReader(blobs: blobs)), blobs: blobs)
        progress(.diskStarted(work, total: disk.size, isIncremental: false, fallback: nil))
        do throws(EngineError) {
            let run = ExportRun(
                export: export, disk: disk, manifest: manifest,
                advanced: { progress(.diskAdvanced(work, done: $0, new: 0, stored: 0)) })
            let exported = try await run.run()
            progress(.diskFinished(work))
            return exported
        } catch {
            throw error.at("disk \(export.disk.address)")
        }
    }
}
