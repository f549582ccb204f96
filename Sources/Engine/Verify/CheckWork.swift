/// One check: its stages, and what they have found so far.
struct CheckWork {
    private let verifier: Verifier
    private let depth: CheckDepth
    private let started = Stopwatch.now()
    private let now = Timestamp.now()
    private var damages = DamageList()
    private var memory: CheckMemory
    private var notes: [String] = []
    private var points = 0

    private var repository: Repository { verifier.repository }
    private var target: any Target { verifier.repository.target }
    private var index: any DedupIndex { verifier.index }

    init(_ verifier: Verifier, _ depth: CheckDepth) {
        self.verifier = verifier
        self.depth = depth
        memory = verifier.memory.map(CheckMemory.init(path:)) ?? CheckMemory()
    }

    /// Whether content can be read, not only compared with checksums.
    private var hasKeys: Bool {
        if case .locked = repository.protection { return false }
        return true
    }

    consuming func run() async throws -> CheckReport {
        let isWalked = hasKeys && depth != .scrub
        for finding in try await DocumentSurvey(target: target).run(skipping: isWalked ? [ObjectLayout.manifests] : [])
        {
            damages.add(finding.key, finding.reason, hits: hits(of: finding.key))
        }
        let listed = try await listPacks()
        let marks = try await DamageMarks.load(from: target)
        let survey = try await survey(listed)
        try await checkIndex()
        try await checkParity(listed)
        let gone = Set(survey.gone)
        var bad = BadCopies(listed: Set(listed.map(\.id)).subtracting(gone))
        var findings = survey.findings
        let healable = try await healable(findings)
        if hasKeys, isWalked || !findings.isEmpty {
            findings = try await walk(findings, healable, marks, survey, &bad)
        } else {
            points = try await target.list(prefix: ObjectLayout.manifests).count
            if !findings.isEmpty {
                notes.append("Which restore points are hit can be told with the repository's passphrase.")
            }
        }
        settle(findings, marks.avoided, bad)
        return report(listed, survey)
    }

    /// A manifest that cannot be read is a restore point that cannot be restored.
    private func hits(of key: ObjectKey) -> [CheckReport.Hit] {
        guard key.text.hasPrefix(ObjectLayout.manifests), let point = try? RestorePointID(key.lastPart) else {
            return []
        }
        return [CheckReport.Hit(point: point, vm: "?", disk: nil, start: nil, end: nil)]
    }

    private mutating func listPacks() async throws(EngineError) -> [ListedPack] {
        var packs: [ListedPack] = []
        for object in try await target.list(prefix: ObjectLayout.packs) {
            guard let pack = ListedPack(object) else {
                damages.add(object.key, "it is no pack")
                continue
            }
            if ObjectLayout.pack(pack.id, pack.kind) == object.key {
                packs.append(pack)
            } else {
                damages.add(object.key, "it is a pack in the wrong folder: nobody looks for it there")
            }
        }
        return packs
    }

    private mutating func survey(_ listed: [ListedPack]) async throws -> PackSurvey.Result {
        let whole: [ListedPack]
        let blobs: BlobReader?
        switch depth {
        case .structure: (whole, blobs) = ([], nil)
        case .scrub: (whole, blobs) = (listed, nil)
        case .deep(let percent):
            (whole, blobs) = (
                memory.choose(percent, of: listed, now: now), BlobReader(repository, index: index)
            )
        }
        let survey = PackSurvey(target: target, blobs: blobs, progress: verifier.progress)
        let result = try await survey.run(listed, whole: Set(whole.map(\.id)))
        for finding in result.findings { damages.add(finding) }
        if case .deep = depth {
            memory.keep(only: Set(listed.map(\.id)))
            for finding in result.findings { memory.forget(finding.pack.id) }
            for pack in result.good { memory.record(pack, at: now) }
            do throws(EngineError) { try memory.save() } catch {
                notes.append("What was checked cannot be remembered: \(error)")
            }
        }
        return result
    }

    private mutating func checkIndex() async throws(EngineError) {
        for finding in try await IndexSurvey(target: target).run().findings {
            damages.add(
                finding.key, "\(finding.error.message); what it lists is read from the packs, nothing is lost")
        }
    }

    private mutating func checkParity(_ listed: [ListedPack]) async throws(EngineError) {
        let packs = Dictionary(listed.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let parity = try await ParitySurvey(target: target).run(packs: packs, readsAll: depth != .structure)
        for finding in parity.findings {
            damages.add(finding.key, "\(finding.reason); the pack itself is another matter")
        }
    }

    /// The packs of which parity brings everything back.
    private mutating func healable(_ findings: [PackSurvey.Finding]) async throws(EngineError) -> Set<PackID> {
        let healer = PackHealer(target: target, coder: repository.codecs.parity)
        let blobs = hasKeys ? BlobReader(repository, index: index) : nil
        var scratch = Buffer(capacity: 1)
        var healable: Set<PackID> = []
        for finding in findings where !finding.result.isLaterVersion {
            let pack = finding.pack
            guard case .healed(let bytes, _) = try await healer.heal(pack.id, pack.kind) else { continue }
            let inspection = PackInspection(id: pack.id, kind: pack.kind, blobs: blobs)
            guard bytes.withBytes({ inspection.inspect($0, &scratch).isGood }) else { continue }
            healable.insert(pack.id)
            damages.setHealable(finding.key)
        }
        return healable
    }

    /// Fills the index and looks at every restore point.
    private mutating func walk(
        _ findings: [PackSurvey.Finding], _ healable: Set<PackID>, _ marks: DamageMarks.Loaded,
        _ survey: PackSurvey.Result,
        _ bad: inout BadCopies
    ) async throws -> [PackSurvey.Finding] {
        let loaded = try await IndexLoader(repository).load(into: index, avoiding: marks.avoided)
        notes += loaded.warnings.filter { !$0.hasPrefix(ObjectLayout.index) && !$0.hasPrefix(ObjectLayout.packs) }
        let blobs = BlobReader(repository, index: index)
        let findings = try await BrokenPacks(repository: repository, blobs: blobs).analyze(findings)
        for finding in findings {
            if !healable.contains(finding.pack.id) { bad.add(finding) }
            damages.add(finding)
        }
        let sound = Set(survey.good)
        for copy in marks.avoided.blobs where !sound.contains(copy.pack) && !healable.contains(copy.pack) {
            bad.add(copy)
        }
        let rescue = BlobRescue(
            target: target, parity: repository.codecs.parity, index: index, avoided: loaded.avoided)
        let walk = PointCheck(
            repository: repository, index: index, blobs: BlobReader(repository, index: index, rescue: rescue), bad: bad)
        let result = try await walk.run()
        points = result.points
        for finding in result.findings { damages.hit(finding.object, finding.reason, finding.hit) }
        for event in rescue.events where !damages.contains(event.object) {
            damages.add(event.object, "\(event.reason); it was read from \(event.remedy.words)")
        }
        return findings
    }

    /// Says of damaged packs how much of them is good elsewhere, and what a repair knows of already.
    private mutating func settle(_ findings: [PackSurvey.Finding], _ marks: AvoidedCopies, _ bad: BadCopies) {
        for finding in findings {
            let lost = finding.result.bad
            let copies = hasKeys ? lost.count { bad.goodCopy(of: $0.entry.id, in: index) != nil } : 0
            let isMarked =
                marks.packs.contains(finding.pack.id)
                || finding.result.frameFault == nil
                    && lost.allSatisfy { marks.contains($0.entry.id, in: finding.pack.id) }
            damages.settle(finding.key, copies: copies, isMarked: isMarked)
        }
    }

    private func report(_ listed: [ListedPack], _ survey: PackSurvey.Result) -> CheckReport {
        let all = damages.merged
        func isSettled(_ damage: CheckReport.Damage) -> Bool { damage.isMarked && damage.hits.isEmpty }
        return CheckReport(
            depth: depth.name, restorePoints: points, packs: listed.count, packsRead: survey.packsRead,
            bytesRead: survey.bytesRead, damages: all.filter { !isSettled($0) }, settled: all.filter(isSettled),
            recency: verifier.memory == nil ? [] : memory.recency(of: listed, now: now), notes: notes,
            seconds: Stopwatch.now() - started)
    }
}

extension BlobRescue.Remedy {
    var words: String {
        switch self {
        case .parity: "its parity"
        case .copy(let pack): "another copy in pack \(pack)"
        case .none: "nowhere"
        }
    }
}
