/// The sessions that work on a repository now, as a prune sees them.
struct LiveSessions: Sendable {
    let records: [SessionRecord]
    /// Objects of sessions that are dead: runs of this proxy that died, and leases that expired.
    let dead: [ObjectKey]

    /// - Parameters:
    ///   - now: by the clock of the target.
    ///   - leases: folder of this proxy's run leases.
    /// - Throws: what the target throws. A lease that cannot be read counts as live until it expires.
    static func load(
        from target: any Target, now: Timestamp, leases: String, timing: SessionTiming
    ) async throws(EngineError) -> LiveSessions {
        var newest: [SessionID: ListedObject] = [:]
        var others: [SessionID: [ObjectKey]] = [:]
        for object in try await target.list(prefix: ObjectLayout.sessions) {
            guard let id = SessionID(object.key.lastPart.prefix(16)) else { continue }
            others[id, default: []].append(object.key)
            newest[id] = object
        }
        let proxy = try ProxyName.of(leases)
        var records: [SessionRecord] = []
        var dead: [ObjectKey] = []
        for (id, object) in newest {
            let age = Double(now.milliseconds - object.modified.milliseconds) / 1000
            let record = try await read(object, id, from: target)
            let isDead = record.proxy == proxy && !RunLease.isRunning(record.run, in: leases)
            if isDead || age > timing.expiry { dead += others[id] ?? [] } else { records.append(record) }
        }
        return LiveSessions(records: records, dead: dead)
    }

    /// Takes away the leases of this proxy's dead runs, which others would take for live until they expire.
    static func sweep(_ target: any Target, leases: String) async throws(EngineError) {
        var timing = SessionTiming()
        timing.expiry = .infinity
        for key in try await load(from: target, now: .now(), leases: leases, timing: timing).dead {
            try await target.delete(key)
        }
    }

    private static func read(
        _ object: ListedObject, _ id: SessionID, from target: any Target
    ) async throws(EngineError) -> SessionRecord {
        do {
            let bytes = try await target.get(object.key, limit: RepositoryFormat.documentLimit)
            return try SessionRecord.document.open(bytes.array)
        } catch  where [.notFound, .corrupt, .unsupported].contains(error.kind) {
            // Renewed or ended in this moment, damaged, or of a later version: whatever it says, it is there and has seen
            // nothing.
            return SessionRecord(
                session: id, purpose: .backup, proxy: "", run: "", started: object.modified, seen: [], roots: [])
        }
    }
}
