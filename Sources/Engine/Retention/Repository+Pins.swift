extension Repository {
    /// Ids of all pinned restore points; reads no pin.
    package func pinnedPoints() async throws(EngineError) -> Set<RestorePointID> {
        Set(try await target.list(prefix: ObjectLayout.pins).compactMap { try? RestorePointID($0.key.lastPart) })
    }

    /// The pin of a restore point; nil when it has none.
    /// - Throws: `.corrupt` when there is one that cannot be read: the restore point is pinned all the same.
    package func pin(of point: RestorePointID) async throws(EngineError) -> Pin? {
        let key = ObjectLayout.pin(point)
        let bytes: Buffer
        do {
            bytes = try await target.get(key, limit: RepositoryFormat.documentLimit)
        } catch  where error.kind == .notFound {
            return nil
        }
        guard let cipher = try protection.cipher else { return try pinDocument(point).open(bytes.array) }
        return try pinDocument(point).open(bytes.array, under: cipher.keys, as: key)
    }

    /// Pins a restore point. One that is pinned keeps its pin and its note.
    /// - Returns: whether it was not pinned before.
    /// - Throws: `.notFound` when the restore point was deleted meanwhile; the pin is gone then too.
    package func pin(_ point: StoredPoint, note: String?, now: Timestamp) async throws(EngineError) -> Bool {
        let key = ObjectLayout.pin(point.id)
        do {
            try await target.put(key, try sealed(Pin(restorePoint: point.id, created: now, note: note), as: key))
        } catch  where error.kind == .alreadyExists {
            return false
        }
        guard try await target.size(of: point.key) == nil else { return true }
        try await target.delete(key)
        throw EngineError(.notFound, "restore point \(point.id) was deleted meanwhile")
    }

    /// Takes the pin off a restore point; without one nothing happens.
    package func unpin(_ point: RestorePointID) async throws(EngineError) {
        try await target.delete(ObjectLayout.pin(point))
    }

    private func sealed(_ pin: Pin, as key: ObjectKey) throws(EngineError) -> Buffer {
        let document = pinDocument(pin.restorePoint)
        guard let cipher = try protection.cipher else { return try document.seal(pin) }
        return try document.seal(pin, under: cipher.keys, as: key)
    }

    private func pinDocument(_ point: RestorePointID) -> SealedDocument<Pin> {
        SealedDocument(kind: "PIN", what: "the pin of restore point \(point)")
    }
}
