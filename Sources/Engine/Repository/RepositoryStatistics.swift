/// What a repository holds, counted from the target's listing and the manifests.
package struct RepositoryStatistics: Codable, Sendable {
    package let restorePoints: Int
    package let machines: Int
    package let packs: Int
    /// Bytes of objects, by what they are.
    package let dataBytes: UInt64
    package let metadataBytes: UInt64
    package let indexBytes: UInt64
    package let manifestBytes: UInt64
    /// Bytes of all disks of all restore points as the guests see them, and of those that are not zero.
    package let diskBytes: UInt64
    package let usedBytes: UInt64
    /// Manifests that could not be read.
    package let unreadable: [String]

    package var storedBytes: UInt64 { dataBytes + metadataBytes + indexBytes + manifestBytes }

    /// Counts. Reads every manifest, and no pack.
    package init(of repository: Repository) async throws(EngineError) {
        let packs = try await repository.target.list(prefix: ObjectLayout.packs)
        func bytes(_ kind: PackKind) -> UInt64 {
            packs.reduce(0) { $0 + (ObjectLayout.parsePack($1.key)?.kind == kind ? UInt64($1.size) : 0) }
        }
        let manifests = try await repository.target.list(prefix: ObjectLayout.manifests)
        var machines: Set<String> = []
        var unreadable: [String] = []
        var points = 0
        var disk: UInt64 = 0
        var used: UInt64 = 0
        for point in try await repository.restorePoints() {
            do {
                let manifest = try await repository.manifest(point)
                machines.insert(manifest.vm.id)
                for item in manifest.disks {
                    disk = disk.addingReportingOverflow(item.size).partialValue
                    used = used.addingReportingOverflow(item.root?.usedBytes ?? 0).partialValue
                }
            } catch  where error.kind == .corrupt || error.kind == .unsupported {
                unreadable.append("\(error)")
            }
            points += 1
        }
        restorePoints = points
        self.machines = machines.count
        self.packs = packs.count
        dataBytes = bytes(.data)
        metadataBytes = bytes(.metadata)
        indexBytes = try await repository.target.list(prefix: ObjectLayout.index).reduce(0) { $0 + UInt64($1.size) }
        manifestBytes = manifests.reduce(0) { $0 + UInt64($1.size) }
        diskBytes = disk
        usedBytes = used
        self.unreadable = unreadable
    }
}
