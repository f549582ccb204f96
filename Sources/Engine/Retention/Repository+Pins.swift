extension Repository {
    /// Ids of all pinned restore points; reads no pin.
    package func pinnedPoints() async throws(EngineError) -> Set<RestorePointID> {
        Set(try await target.list(prefix: ObjectLayout.pins).compactMap { try? RestorePointID($0.key.lastPart) })
    }

    /// The pin of a restore point; nil when it has none.
    /// - Throws: `.corrupt` when there is one that cannot be read: the restore point is pinned all the same.
    package func pin(of point: RestorePointID) async throws(EngineError) -> Pin? {
        let bytes: Buffer
        do {
            bytes = try await target.get(ObjectLayout.pin(point), limit: RepositoryFormat.documentLimit)
        } catch  where error.kind == .notFound {
            return nil
        }
        return try pinDocument(point).open(bytes.array)
    }

    /// Pins a restore point. One that is pinned keeps its pin and its note.
    /// - Returns: whether it was not pinned before.
    /// - Throws: `.notFound` when the restore point was deleted meanwhile; the pin is gone then too.
    package func pin(_ point: StoredPoint, note: String?, now: Timestamp) async throws(EngineError) -> Bool {
        let key = ObjectLayout.pin(point.id)
        do {
            let pin = Pin(restorePoint: point.id, created: now, note: note)
            try await target.put(key, try pinDocument(point.id).seal(pin))
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

    private func pinDocument(_ point: RestorePointID) -> SealedDocument<Pin> {
        SealedDocument(kind: "PIN", what: "the pin of restore point \(point)")
    }
}
