extension Exporter {
    /// Runs `body` with disks of a restore point for reading, in the order of `disks`, on the engine's threads and under
    /// a lease. Every chunk is checked against its id.
    /// - Throws: what `body` throws, with the VM's name.
    package func withReaders<R: Sendable>(
        _ disks: [Manifest.Disk], of manifest: Manifest,
        _ body: @Sendable @escaping ([any BlockReader]) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        do {
            return try await read(manifest) { blobs in
                let trees = TreeReader(blobs: blobs)
                return try await body(
                    disks.map { RestorePointReader(RestorePointDisk($0, trees: trees), blobs: blobs) })
            }
        } catch {
            throw error.at(manifest.vm.name)
        }
    }
}
