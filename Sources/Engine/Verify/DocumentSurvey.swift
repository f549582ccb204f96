/// Checks every sealed document of a repository without keys.
struct DocumentSurvey: Sendable {
    let target: any Target

    /// Where documents are, and what they are. Restore points' manifests are checked with all below them where they can
    /// be read; here only their seal is.
    private static let kinds: [(prefix: String, check: SealCheck)] = [
        (ObjectLayout.configuration.text, SealCheck(kind: "CONFIG", nameMember: nil)),
        (ObjectLayout.keys, SealCheck(kind: "KEY", nameMember: "id")),
        (ObjectLayout.manifests, SealCheck(kind: "MANIFEST", nameMember: "id")),
        (ObjectLayout.sessions, SealCheck(kind: "SESSION", nameMember: "session")),
        (ObjectLayout.condemnations, SealCheck(kind: "CONDEMNATION", nameMember: nil)),
        (ObjectLayout.pins, SealCheck(kind: "PIN", nameMember: "restorePoint")),
        (ObjectLayout.damage, SealCheck(kind: "DAMAGE", nameMember: nil)),
    ]

    struct Finding: Sendable {
        let key: ObjectKey
        let reason: String
        /// Not damaged, but written by a later version of the program.
        var isLaterVersion: Bool { reason.hasPrefix(SealCheck.laterVersion) }
    }

    /// - Parameter skipping: prefixes that are looked at elsewhere.
    func run(skipping skipped: Set<String> = []) async throws(EngineError) -> [Finding] {
        var findings: [Finding] = []
        for (prefix, check) in Self.kinds where !skipped.contains(prefix) {
            let objects = try await target.list(prefix: prefix)
            let target = target
            findings += try await target.together(objects) { object in
                try await Self.fault(of: object, check, at: target).map { Finding(key: object.key, reason: $0) }
            }.compactMap(\.self)
        }
        return findings
    }

    private static func fault(
        of object: ListedObject, _ check: SealCheck, at target: any Target
    ) async throws(EngineError) -> String? {
        do {
            let bytes = try await target.get(object.key, limit: RepositoryFormat.documentLimit)
            return check.fault(of: bytes.array, named: object.key.lastPart)
        } catch  where error.kind == .notFound {
            return nil
        } catch  where error.kind == .corrupt {
            return error.message
        }
    }
}
