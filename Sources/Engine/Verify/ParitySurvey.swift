/// Checks every parity object of a repository.
struct ParitySurvey: Sendable {
    let target: any Target

    struct Finding: Sendable {
        let key: ObjectKey
        let pack: PackID?
        let reason: String
    }

    struct Result: Sendable {
        /// Packs that have a sound parity, as far as it was looked at.
        var packs: Set<PackID> = []
        var findings: [Finding] = []
        var bytes: UInt64 = 0
    }

    /// - Parameters:
    ///   - packs: those at the target. The parity of a pack that is gone is left over from a prune, and no damage.
    ///   - readsAll: whether the parity itself is read, not only whether it is there.
    func run(packs: [PackID: ListedPack], readsAll: Bool) async throws(EngineError) -> Result {
        var result = Result()
        let target = target
        let objects = try await target.list(prefix: ObjectLayout.parity)
        let findings = try await target.together(objects) { object in
            try await Self.look(at: object, packs, readsAll, target)
        }
        for (id, finding) in findings {
            if let finding { result.findings.append(finding) } else if let id { result.packs.insert(id) }
        }
        if readsAll { result.bytes = objects.reduce(0) { $0 + UInt64(max(0, $1.size)) } }
        return result
    }

    private static func look(
        at object: ListedObject, _ packs: [PackID: ListedPack], _ readsAll: Bool, _ target: any Target
    ) async throws(EngineError) -> (pack: PackID?, finding: Finding?) {
        guard let id = ObjectLayout.parseParity(object.key) else {
            return (nil, Finding(key: object.key, pack: nil, reason: "it is no parity of a pack"))
        }
        guard let pack = packs[id] else { return (nil, nil) }
        let fault = readsAll ? try await fault(of: object, pack, at: target) : fault(of: object)
        return (id, fault.map { Finding(key: object.key, pack: id, reason: $0) })
    }

    private static func fault(of object: ListedObject) -> String? {
        object.size == 0 ? "it is empty" : nil
    }

    private static func fault(
        of object: ListedObject, _ pack: ListedPack, at target: any Target
    ) async throws(EngineError) -> String? {
        if let fault = fault(of: object) { return fault }
        do {
            let bytes = try await target.get(object.key, limit: RepositoryFormat.packLimit)
            return try bytes.withBytes { span throws(EngineError) in
                let parity = try ParityObject(parsing: span, of: pack.id, pack.kind)
                let bad = parity.damagedParity(in: span)
                return bad.isEmpty
                    ? nil : "\(bad.count) of its \(parity.shape.parityShards) shards are damaged or cut off"
            }
        } catch {
            switch error.kind {
            case .notFound: return nil
            case .corrupt, .unsupported: return error.message
            default: throw error
            }
        }
    }
}
