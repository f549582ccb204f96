/// One repair: its stages, and what they have found and done so far.
struct RepairWork {
    private let repairer: Repairer
    /// Nil for a dry run.
    private let session: Session?
    private let started = Stopwatch.now()
    private var bad = BadCopies(listed: [])
    private var reports: [RepairReport.Pack] = []
    private var newMarks = DamageMarks()
    private var rebuilt: [ObjectKey] = []
    private var parityWritten = 0
    private var notes: [String] = []

    private var repository: Repository { repairer.repository }
    private var target: any Target { repairer.repository.target }
    private var index: any DedupIndex { repairer.index }
    private var isDryRun: Bool { session == nil }

    init(_ repairer: Repairer, _ session: Session?) {
        self.repairer = repairer
        self.session = session
    }

    consuming func run() async throws -> RepairReport {
        let documents = try await DocumentSurvey(target: target).run(skipping: [ObjectLayout.manifests])
        let listed = try await target.list(prefix: ObjectLayout.packs).compactMap(ListedPack.init)
        let marks = try await DamageMarks.load(from: target)
        let blobs = BlobReader(repository, index: index)
        let survey = try await PackSurvey(target: target, blobs: blobs, progress: repairer.progress)
            .run(listed, whole: Set(listed.map(\.id)))
        remember(listed, survey)
        let runs = try await IndexSurvey(target: target).run()
        let loaded = try await IndexLoader(repository).load(
            into: index, avoiding: marks.avoided, unlisted: .keep)
        let findings = try await BrokenPacks(repository: repository, blobs: blobs).analyze(survey.findings)
        bad = BadCopies(listed: Set(listed.map(\.id)).subtracting(survey.gone))
        for finding in findings { bad.add(finding) }
        try await repairPacks(findings, loaded.unlisted, blobs)
        try await noteMissing(runs, marks)
        let marked = try await mark(beyond: marks)
        try await rebuild(runs, documents)
        try await mendParity(listed, survey)
        return try await report(documents, survey, marks, marked: marked)
    }

    private mutating func remember(_ listed: [ListedPack], _ survey: PackSurvey.Result) {
        guard let path = repairer.memory else { return }
        var memory = CheckMemory(path: path)
        memory.keep(only: Set(listed.map(\.id)))
        for finding in survey.findings { memory.forget(finding.pack.id) }
        for pack in survey.good { memory.record(pack, at: .now()) }
        do throws(EngineError) { try memory.save() } catch {
            notes.append("What was checked cannot be remembered: \(error)")
        }
    }

    // MARK: Packs

    /// Salvages what is good of damaged packs, one pack at a time.
    private mutating func repairPacks(
        _ findings: [PackSurvey.Finding], _ unlisted: [BlobEntry], _ blobs: BlobReader
    ) async throws(EngineError) {
        let healer = PackHealer(target: target, coder: repository.codecs.parity)
        var store: SalvageStore?
        if let session {
            store = SalvageStore(
                target: target, index: index, session: session.id, packSize: repairer.packSize,
                parity: try ParityWriter(if: repairer.hasParity, repository), unlisted: unlisted)
        }
        let damaged = Set(findings.map(\.pack.id))
        var salvaged: Set<Digest> = []
        for finding in findings {
            if finding.result.isLaterVersion {
                notes.append("\(finding.key): \(finding.result.frameFault ?? ""); it is left as it is")
                continue
            }
            let repair = try await PackRepair(finding, repository: repository, blobs: blobs, healer: healer)
            var report = RepairReport.Pack(
                object: finding.key.text, reason: finding.result.frameFault ?? finding.result.bad.first?.fault ?? "",
                blobs: repair.good.count + repair.bad.count, parity: repair.parityFault)
            for entry in repair.good {
                if isElsewhere(entry.id, besides: damaged) || salvaged.contains(entry.id) {
                    if repair.isByParity(entry) { report.elsewhere += 1 }
                    continue
                }
                salvaged.insert(entry.id)
                report.salvaged += 1
                if repair.isByParity(entry) { report.byParity += 1 }
                try await store?.append(entry, of: repair.bytes, finding.pack.kind)
            }
            for blob in repair.bad {
                if isElsewhere(blob.entry.id, besides: damaged) || salvaged.contains(blob.entry.id) {
                    report.elsewhere += 1
                } else {
                    report.lost += 1
                }
            }
            note(finding)
            reports.append(report)
        }
        try await store?.flush()
        for pack in store?.packs ?? [] { bad.listed.insert(pack) }
        if isDryRun { for id in salvaged { bad.addHealed(id) } }
    }

    /// Whether a pack that is not damaged has the blob.
    private func isElsewhere(_ id: Digest, besides damaged: Set<PackID>) -> Bool {
        index.copies(of: id).contains { !damaged.contains($0.pack) && !bad.contains(id, at: $0) }
    }

    /// Everything good of a damaged pack has a copy elsewhere now, so the whole pack is to be avoided.
    private mutating func note(_ finding: PackSurvey.Finding) {
        let pack = finding.pack.id
        let reason = finding.result.frameFault ?? "some of its blobs are damaged"
        newMarks.packs.append(DamageMarks.Pack(pack: pack, reason: reason))
        for blob in finding.result.bad {
            newMarks.blobs.append(
                DamageMarks.Blob(id: blob.entry.id, pack: pack, reason: blob.fault ?? "it is damaged"))
        }
    }

    /// Packs that index runs list and nobody finds.
    private mutating func noteMissing(
        _ runs: IndexSurvey.Result, _ marks: DamageMarks.Loaded
    ) async throws(EngineError) {
        let condemned = session?.condemned ?? []
        for (pack, kind) in runs.packs.sorted(by: { $0.key < $1.key })
        where !bad.listed.contains(pack) && !condemned.contains(pack) {
            let key = ObjectLayout.pack(pack, kind)
            guard try await target.size(of: key) == nil else {
                bad.listed.insert(pack)
                continue
            }
            newMarks.packs.append(DamageMarks.Pack(pack: pack, reason: "it is missing"))
            let entries = try await IndexSurvey.entries(of: [pack], at: target)[pack] ?? []
            var report = RepairReport.Pack(object: key.text, reason: "it is missing", blobs: entries.count)
            report.elsewhere = entries.count { isElsewhere($0.id, besides: []) }
            report.lost = entries.count - report.elsewhere
            reports.append(report)
        }
    }

    /// Publishes what is not marked yet.
    /// - Returns: how many copies and packs were marked.
    private mutating func mark(beyond known: DamageMarks.Loaded) async throws(EngineError) -> Int {
        let avoided = known.avoided
        newMarks.blobs.removeAll { avoided.blobs.contains(BlobCopy(id: $0.id, pack: $0.pack)) }
        newMarks.packs.removeAll { avoided.packs.contains($0.pack) }
        var all = avoided
        all.formUnion(newMarks.avoided)
        index.avoid(all)
        guard !newMarks.isEmpty else { return 0 }
        if !isDryRun { try await DamageMarks.put(newMarks, at: target) }
        return newMarks.blobs.count + newMarks.packs.count
    }

    // MARK: Other objects

    /// Index runs are a cache, and marks and condemnations are found anew: damaged ones are taken away once what they
    /// said is durable elsewhere. Objects of a later version stay.
    private mutating func rebuild(
        _ runs: IndexSurvey.Result, _ documents: [DocumentSurvey.Finding]
    ) async throws(EngineError) {
        let damaged = runs.findings.filter { $0.error.kind == .corrupt }.map(\.key)
        let needless = documents.filter { finding in
            [ObjectLayout.damage, ObjectLayout.condemnations].contains { finding.key.text.hasPrefix($0) }
                && !finding.isLaterVersion
        }.map(\.key)
        for key in damaged + needless {
            if !isDryRun { try await target.delete(key) }
            rebuilt.append(key)
        }
    }

    /// Gives packs the parity they lack, and takes damaged parity away.
    private mutating func mendParity(_ listed: [ListedPack], _ survey: PackSurvey.Result) async throws(EngineError) {
        let packs = Dictionary(listed.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let found = try await ParitySurvey(target: target).run(packs: packs, readsAll: true)
        let good = Set(survey.good)
        for finding in found.findings {
            guard let pack = finding.pack, good.contains(pack) else { continue }
            if !isDryRun { try await target.delete(finding.key) }
            rebuilt.append(finding.key)
        }
        guard let writer = try ParityWriter(if: repairer.hasParity, repository) else { return }
        for pack in listed where good.contains(pack.id) && !found.packs.contains(pack.id) {
            parityWritten += 1
            guard !isDryRun else { continue }
            let bytes = try await BrokenPacks.bytes(of: pack, at: target)
            guard bytes.count == pack.size else { continue }
            try await writer.put(pack.id, pack.kind, bytes)
        }
    }

    // MARK: Report

    private consuming func report(
        _ documents: [DocumentSurvey.Finding], _ survey: PackSurvey.Result, _ marks: DamageMarks.Loaded, marked: Int
    ) async throws(EngineError) -> RepairReport {
        let points = try await PointCheck(
            repository: repository, index: index, blobs: BlobReader(repository, index: index), bad: bad
        ).run()
        var damages = DamageList()
        for finding in documents where !rebuilt.contains(finding.key) { damages.add(finding.key, finding.reason) }
        for finding in points.findings { damages.hit(finding.object, finding.reason, finding.hit) }
        let unmarked =
            isDryRun
            ? 0 : try await DamageMarks.dropNeedless(marks, packs: bad.listed, index: index, at: target)
        return RepairReport(
            isDryRun: isDryRun, restorePoints: points.points, packsRead: survey.packsRead,
            bytesRead: survey.bytesRead, packs: reports, rebuilt: rebuilt.map(\.text), parityWritten: parityWritten,
            marked: marked, unmarked: unmarked, remaining: damages.merged, notes: notes,
            seconds: Stopwatch.now() - started)
    }
}
