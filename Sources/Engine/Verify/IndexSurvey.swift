/// Checks every index run of a repository, and knows which packs they list.
struct IndexSurvey: Sendable {
    let target: any Target

    struct Finding: Sendable {
        let key: ObjectKey
        let error: EngineError
    }

    struct Result: Sendable {
        /// Packs that a sound run lists.
        var packs: [PackID: PackKind] = [:]
        /// Runs that cannot be used.
        var findings: [Finding] = []
    }

    func run() async throws(EngineError) -> Result {
        var result = Result()
        let target = target
        let objects = try await target.list(prefix: ObjectLayout.index)
        let runs = try await target.together(objects) { object in try await Self.look(at: object, target) }
        for (packs, finding) in runs {
            for pack in packs { result.packs[pack.id] = pack.kind }
            if let finding { result.findings.append(finding) }
        }
        return result
    }

    private static func look(
        at object: ListedObject, _ target: any Target
    ) async throws(EngineError) -> (packs: [RunPack], finding: Finding?) {
        do {
            return (try await IndexRunReading(target: target, object: object).run(), nil)
        } catch {
            switch error.kind {
            case .notFound: return ([], nil)
            case .corrupt, .unsupported: return ([], Finding(key: object.key, error: error))
            default: throw error
            }
        }
    }

    /// What the sound runs list of some packs, each copy once.
    /// - Parameter packs: few; all their entries are held at once.
    static func entries(
        of packs: Set<PackID>, at target: any Target
    ) async throws(EngineError) -> [PackID: [BlobEntry]] {
        guard !packs.isEmpty else { return [:] }
        var found: [PackID: [UInt32: BlobEntry]] = [:]
        for object in try await target.list(prefix: ObjectLayout.index) {
            var ofRun: [BlobEntry] = []
            do {
                try await IndexRunReading(target: target, object: object).run { entry in
                    if packs.contains(entry.location.pack) { ofRun.append(entry) }
                }
            } catch  where error.kind == .corrupt || error.kind == .unsupported || error.kind == .notFound {
                continue
            }
            for entry in ofRun { found[entry.location.pack, default: [:]][entry.location.offset] = entry }
        }
        return found.mapValues { $0.values.sorted { $0.location.offset < $1.location.offset } }
    }
}
