import Testing

@testable import Engine
@testable import HostKit

@Suite("Reports and exit codes")
struct ReportTests {
    static func report(_ results: [Result<Manifest, EngineError>]) -> BackupReport {
        BackupReport(
            machines: results.map { BackupReport.Machine(vm: VMSelectionTests.machine("web"), result: $0) },
            totals: StorageTotals(), times: StageTimes(source: 3, hash: 1, sourceBytes: 1 << 20), seconds: 2)
    }

    static let failure = Result<Manifest, EngineError>.failure(EngineError(.failed, "Prism said no"))

    @Test("a backup's exit code: all well, some failed, all failed, less than asked for")
    func status() throws {
        let good = Result<Manifest, EngineError>.success(try .sample("20261122-183045-aaaaaaaa"))
        let degraded = Result<Manifest, EngineError>.success(
            try .sample("20261122-183045-bbbbbbbb", asked: .application, got: .crash))
        #expect(BackupSession.status(of: Self.report([good, good])) == .done)
        #expect(BackupSession.status(of: Self.report([good, Self.failure])) == .incomplete)
        #expect(BackupSession.status(of: Self.report([Self.failure])) == .failed)
        #expect(BackupSession.status(of: Self.report([good, degraded])) == .incomplete)
    }

    @Test(
        "an error's exit code",
        arguments: [
            (EngineError.Kind.configuration, Int32(2)), (.cancelled, 130), (.failed, 1), (.unreachable, 1), (.bug, 1),
            (.corrupt, 1), (.notFound, 1),
        ])
    func codes(kind: EngineError.Kind, code: Int32) {
        #expect(ExitStatus(EngineError(kind, "x")).rawValue == code)
    }

    @Test("the report says per disk what was done, why it was read in full, and where the time went")
    func words() throws {
        let manifest = try Manifest.sample("20261122-183045-aaaaaaaa", incremental: [true, false])
        let text = BackupReportText(Self.report([.success(manifest), Self.failure])).text
        #expect(text.contains("restore point 20261122-183045-aaaaaaaa, mixed, consistency crash"))
        #expect(text.contains("scsi.0  incremental  1.0 GiB  1.0 MiB"))
        #expect(text.contains("scsi.1 was read in full: the disk is new"))
        #expect(text.contains("web: FAILED: Prism said no"))
        #expect(text.contains("1 restore point, 1 VM failed in 2.0 s"))
        #expect(text.contains("most went to the source"))
    }

    @Test("a check's report names object, disk, range and restore point")
    func damage() throws {
        let hit = CheckReport.Hit(
            point: try RestorePointID("20261122-183045-aaaaaaaa"), vm: "web", disk: "scsi.0", start: 0, end: 65_536)
        let report = CheckReport(
            depth: "deep", restorePoints: 3, packs: 2, packsRead: 2, bytesRead: 1 << 20,
            damages: [CheckReport.Damage(object: "packs/d/ab/abcd", reason: "a byte is wrong", hits: [hit])],
            settled: [], recency: [], notes: [], seconds: 1)
        let text = CheckText(report).text
        #expect(text.contains("damaged: packs/d/ab/abcd: a byte is wrong"))
        #expect(text.contains("hits restore point 20261122-183045-aaaaaaaa of web, disk scsi.0, bytes 0 to 65536"))
        #expect(text.contains("1 damaged object, 1 restore point hit"))
    }
}
