import Synchronization

/// Looks at every restore point: its manifest, its VM configuration, and the trees of its disks, several at once.
struct PointCheck: Sendable {
    let repository: Repository
    let index: any DedupIndex
    let blobs: BlobReader
    let bad: BadCopies

    /// Something that a restore point loses.
    struct Finding: Sendable {
        let object: ObjectKey
        let reason: String
        /// Nil when nothing that can be restored is lost.
        let hit: CheckReport.Hit?
    }

    struct Result: Sendable {
        var points = 0
        var findings: [Finding] = []
    }

    /// - Parameter chosen: only these restore points; nil for all.
    func run(only chosen: Set<RestorePointID>? = nil) async throws(EngineError) -> Result {
        let trees = TreeCheck(index: index, trees: TreeReader(blobs: blobs), bad: bad)
        let objects = try await repository.target.list(prefix: ObjectLayout.manifests).filter { object in
            chosen?.contains { $0.text == object.key.lastPart } ?? true
        }
        let found = Mutex(Result())
        _ = try await repository.target.together(objects) { object in
            let findings = try await check(object, trees)
            found.withLock { result in
                result.findings += findings ?? []
                result.points += findings == nil ? 0 : 1
            }
        }
        return found.withLock { $0 }
    }

    /// - Returns: nil when the object is gone.
    private func check(_ object: ListedObject, _ trees: TreeCheck) async throws(EngineError) -> [Finding]? {
        let id: RestorePointID
        do {
            id = try RestorePointID(object.key.lastPart)
        } catch {
            return [Finding(object: object.key, reason: error.message, hit: nil)]
        }
        do {
            let point = StoredPoint(id: id, key: object.key, size: object.size)
            return try await check(try await repository.manifest(point), trees)
        } catch {
            switch error.kind {
            case .notFound: return nil
            case .corrupt, .unsupported:
                let hit = CheckReport.Hit(point: id, vm: "?", disk: nil, start: nil, end: nil)
                return [Finding(object: object.key, reason: Self.reason(error, object), hit: hit)]
            default: throw error
            }
        }
    }

    private static func reason(_ error: EngineError, _ object: ListedObject) -> String {
        object.size == 0 ? "it is empty" : error.message
    }

    private func check(_ manifest: Manifest, _ trees: TreeCheck) async throws(EngineError) -> [Finding] {
        var findings: [Finding] = []
        func hit(_ disk: Manifest.Disk?, _ range: ByteRange?) -> CheckReport.Hit {
            CheckReport.Hit(
                point: manifest.id, vm: manifest.vm.name, disk: disk?.address.description, start: range?.start,
                end: range?.end)
        }
        if let fault = try await configurationFault(manifest, trees) {
            findings.append(Finding(object: fault.object, reason: fault.reason, hit: hit(nil, nil)))
        }
        for disk in manifest.disks {
            for loss in try await trees.check(disk) {
                findings.append(Finding(object: loss.object, reason: loss.reason, hit: hit(disk, loss.range)))
            }
        }
        return findings
    }

    private func configurationFault(
        _ manifest: Manifest, _ trees: TreeCheck
    ) async throws(EngineError) -> (object: ObjectKey, reason: String)? {
        do {
            let bytes = try await blobs.read(
                manifest.configuration, limit: RepositoryFormat.documentLimit, "VM configuration")
            _ = try JSONValue(parsing: bytes.array)
            return nil
        } catch {
            guard [.corrupt, .notFound, .unsupported].contains(error.kind) else { throw error }
            let object = index.location(of: manifest.configuration).map { ObjectLayout.pack($0.pack, $0.kind) }
            return trees.fault(of: manifest.configuration, "the VM's configuration")
                ?? (object ?? ObjectKey(trusted: "packs"), "the VM's configuration: \(error.message)")
        }
    }
}
