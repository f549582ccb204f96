/// The part of a manifest that says what a restore point needs: quick to read, for those who read all of them.
struct ManifestRoots: Codable, Sendable {
    let id: RestorePointID
    let disks: [Disk]
    let configuration: Digest

    struct Disk: Codable, Sendable {
        let size: UInt64
        let root: NodeReference?
    }

    /// What must stay for this restore point to be readable.
    /// - Throws: `.corrupt` when a number in it is none that disks can have.
    func roots() throws(EngineError) -> [SessionRecord.Root] {
        guard disks.count <= Manifest.diskLimit else {
            throw EngineError(.corrupt, "the manifest of restore point \(id) claims \(disks.count) disks")
        }
        var roots = [SessionRecord.Root(id: configuration, level: nil)]
        for disk in disks {
            guard disk.size <= TreeShape.sizeLimit else {
                throw EngineError(.corrupt, "the manifest of restore point \(id) has an impossible size of a disk")
            }
            guard let root = disk.root else { continue }
            roots.append(SessionRecord.Root(id: root.id, level: TreeShape(size: disk.size).height - 1))
        }
        return roots
    }

    static func document(_ id: String) -> SealedDocument<ManifestRoots> {
        SealedDocument(kind: Manifest.kindOfDocument, what: Manifest.document(id).what)
    }
}
