package import Logging

/// A repository at a target: its configuration, its restore points, and the way to its blobs.
///
/// Any number of processes may use one at once: every object is created once and never changed, and nothing is locked.
package struct Repository: Sendable {
    package let configuration: RepositoryConfiguration
    package let target: any Target
    package let codecs: CodecSet
    package let logger: Logger
    package let protection: ContentProtection

    /// How bytes get their ids.
    /// - Throws: `.locked` when the repository was opened without its keys.
    package var identity: ContentIdentity { get throws(EngineError) { try protection.identity } }

    package var id: String { configuration.repository }
    /// First part of the names of this repository's runs.
    package var tag: String { String(id.prefix(8)) }

    /// Names of all restore points, oldest first, without reading their manifests.
    package func restorePoints() async throws(EngineError) -> [StoredPoint] {
        Self.points(try await target.list(prefix: ObjectLayout.manifests))
    }

    /// The restore points of one VM, oldest first.
    package func restorePoints(ofVM vm: String) async throws(EngineError) -> [StoredPoint] {
        Self.points(try await target.list(prefix: try manifests(ofVM: vm)))
    }

    /// - Throws: `.corrupt` when a byte of it is wrong, `.notFound`, `.locked` without its key.
    package func manifest(_ point: StoredPoint) async throws(EngineError) -> Manifest {
        let manifest = try await open(point, as: Manifest.document(point.id.text))
        try check(manifest.id, point)
        try manifest.checkNumbers()
        return manifest
    }

    /// What the restore point needs.
    /// - Throws: as `manifest`.
    func roots(of point: StoredPoint) async throws(EngineError) -> [SessionRecord.Root] {
        let manifest = try await open(point, as: ManifestRoots.document(point.id.text))
        try check(manifest.id, point)
        return try manifest.roots()
    }

    private func open<Content: Codable>(
        _ point: StoredPoint, as document: SealedDocument<Content>
    ) async throws(EngineError) -> Content {
        let cipher = try protection.cipher
        let bytes = try await target.get(point.key, limit: RepositoryFormat.documentLimit).array
        guard let cipher else { return try document.open(bytes) }
        return try document.open(bytes, under: cipher.keys, as: point.key)
    }

    private func check(_ found: RestorePointID, _ point: StoredPoint) throws(EngineError) {
        guard found == point.id else {
            throw EngineError(.corrupt, "\(point.key) holds the manifest of another restore point, \(found)")
        }
    }

    /// The newest restore point of a VM whose manifest can be read.
    ///
    /// Clocks can be wrong: it is looked for in the one put last, the last one by date, and all whose date is yet to
    /// come. Their manifests say which was made last.
    package func newestManifest(ofVM vm: String, now: Timestamp) async throws(EngineError) -> Manifest? {
        let objects = try await target.list(prefix: try manifests(ofVM: vm))
        let points = Self.points(objects)
        let last = objects.max { ($0.modified, $0.key) < ($1.modified, $1.key) }?.key
        var newest: Manifest?
        for point in points.filter({ $0.key == last }) + points.reversed().filter({ $0.key != last }) {
            do {
                let manifest = try await manifest(point)
                if newest.map(manifest.isNewer(than:)) ?? true { newest = manifest }
                let isByDate = point.key != last || point == points.last
                if isByDate, manifest.created <= now { return newest }
            } catch  where error.kind == .corrupt {
                logger.warning("\(error); looking at the restore point before it")
            }
        }
        return newest
    }

    /// Whether the restore point is there still.
    func contains(_ manifest: Manifest) async throws(EngineError) -> Bool {
        let key = ObjectLayout.manifest(manifest.id, folder: try identity.folder(vm: manifest.vm.id))
        return try await target.size(of: key) != nil
    }

    /// Oldest first.
    private static func points(_ objects: [ListedObject]) -> [StoredPoint] {
        objects.compactMap { object in
            guard let id = try? RestorePointID(object.key.lastPart) else { return nil }
            return StoredPoint(id: id, key: object.key, size: object.size)
        }.sorted { $0.id < $1.id }
    }

    private func manifests(ofVM vm: String) throws(EngineError) -> String {
        "\(ObjectLayout.manifests)\(try identity.folder(vm: vm))/"
    }

    /// The commit of a restore point: afterwards it is there, before it is not.
    func commit(_ manifest: Manifest) async throws(EngineError) {
        let key = ObjectLayout.manifest(manifest.id, folder: try identity.folder(vm: manifest.vm.id))
        let document = Manifest.document(manifest.id.text)
        let object =
            if let cipher = try protection.cipher {
                try document.seal(manifest, under: cipher.keys, as: key)
            } else {
                try document.seal(manifest)
            }
        try await target.put(key, object)
    }
}

/// A restore point as the target lists it.
package struct StoredPoint: Sendable, Hashable {
    package let id: RestorePointID
    package let key: ObjectKey
    /// Bytes of its manifest.
    package let size: Int

    package init(id: RestorePointID, key: ObjectKey, size: Int) {
        self.id = id
        self.key = key
        self.size = size
    }
}
