import EngineContracts
import Synchronization

@testable import Engine

/// Lives through a history with a real repository in memory, and beside it the plainest model there is: for each restore
/// point a copy of the disks.
final class HistoryModel {
    /// What went otherwise than the model says.
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    private struct Point {
        let manifest: Manifest
        let disks: [GuestDisk]
    }

    private let history: History
    private let test: TestRepository
    private let vms: [GuestSource]
    private var points: [Point] = []

    private init(_ history: History) async throws {
        self.history = history
        test = try await TestRepository(chunker: history.chunker, chunkSize: history.chunkSize)
        vms = [
            GuestSource([Self.disk(0, (5 << 20) + 512), Self.disk(1, 3 << 20)], vm: "vm-1"),
            GuestSource([Self.disk(0, 6 << 20)], vm: "vm-2"),
        ]
    }

    private static func disk(_ index: Int, _ size: UInt64) -> GuestDisk {
        GuestDisk(id: "disk-\(index)", address: DiskAddress(bus: "scsi", index: index), size: size)
    }

    /// - Throws: a `Difference`, or what a step threw that may not.
    static func live(_ history: History) async throws {
        let passphrase = history.isEncrypted ? "a horse that nobody corrects" : nil
        let model = try await TestRepository.$usualPassphrase.withValue(passphrase) { try await HistoryModel(history) }
        for (number, step) in history.steps.enumerated() {
            do {
                try await model.take(step)
                try await model.compare()
            } catch {
                throw Difference(description: "step \(number), \(step): \(error)")
            }
        }
    }

    private func take(_ step: HistoryStep) async throws {
        switch step {
        case .write(let vm, let count, let seed): write(vm, count, seed)
        case .wipe(let vm, let seed): wipe(vm, seed)
        case .copy(let seed): copy(seed)
        case .grow(let vm): vms[vm].change { disks, _ in disks[0].grow(to: disks[0].size + (1 << 20) + 512) }
        case .backUp(let vm, let isFull, let codec): try await backUp(vms[vm], isFull, codec)
        case .failedBackup(let vm, let reads): try await failedBackup(vms[vm], reads)
        case .killedBackup(let vm): try await test.dyingBackup(vms[vm])
        case .backUpBesidePrune(let vm, let waste, let point): try await backUp(vms[vm], besidePruneOf: point, waste)
        case .backUpBoth(let isFull): try await backUpBoth(isFull)
        case .delete(let point): try await delete(point)
        case .prune(let waste, let grace, let point):
            let report = try await prune(waste, grace, point)
            guard grace == 0 else { break }
            // Packs that were condemned and are needed again are looked at by the prune after that.
            if report.resurrected.count > 0 { _ = try await prune(waste, grace, nil) }
            try await RepositoryContent(test).checkPruned(waste: Double(waste) / 100)
        case .wait(let seconds): test.store.moveClock(seconds: Int64(seconds))
        case .check: try await check()
        }
    }

    // MARK: The guests

    private func write(_ vm: Int, _ count: Int, _ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = seed % 3 == 0 ? SampleBytes.text(count, seed: seed) : SampleBytes.random(count, seed: seed)
        vms[vm].change { disks, generation in
            let disk = Int.random(in: disks.indices, using: &generator)
            let offset = UInt64.random(in: 0..<(disks[disk].size - UInt64(count)), using: &generator) / 512 * 512
            disks[disk].write(bytes, at: offset, generation: generation)
        }
    }

    private func wipe(_ vm: Int, _ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let first = UInt64.random(in: 0..<600, using: &generator)
        vms[vm].change { disks, generation in disks[0].zero(pages: first..<(first + 150), generation: generation) }
    }

    private func copy(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (from, to) = (UInt64.random(in: 0..<500, using: &generator), UInt64.random(in: 0..<500, using: &generator))
        let bytes = vms[0].state.withLock { $0.disks[0].read(ByteRange(start: from * 4096, count: 500_000)) }
        vms[1].change { disks, generation in disks[0].write(bytes, at: to * 4096, generation: generation) }
    }

    // MARK: The repository

    private var options: BackupOptions {
        var options = BackupOptions()
        options.packSize = 1 << 20
        options.hasParity = history.hasParity
        return options
    }

    private func backUp(_ vm: GuestSource, _ isFull: Bool, _ codec: String) async throws {
        var options = options
        options.isFull = isFull
        let disks = vm.state.withLock { $0.disks }
        points.append(Point(manifest: try await test.manifest(vm, options: options, codec: codec), disks: disks))
    }

    private func failedBackup(_ vm: GuestSource, _ reads: Int) async throws {
        vm.state.withLock { $0.readsUntilFailure = reads }
        defer { vm.state.withLock { $0.readsUntilFailure = nil } }
        let disks = vm.state.withLock { $0.disks }
        let report = try await test.backUp(vm, options: options)
        for manifest in report.manifests { points.append(Point(manifest: manifest, disks: disks)) }
    }

    private func backUpBoth(_ isFull: Bool) async throws {
        var options = options
        options.isFull = isFull
        let disks = vms.map { vm in vm.state.withLock { $0.disks } }
        let (test, vms, chosen) = (test, vms, options)
        async let first = test.manifest(vms[0], options: chosen)
        async let second = test.manifest(vms[1], options: chosen, codec: "lz4")
        for (manifest, disks) in zip(try await [first, second], disks) {
            points.append(Point(manifest: manifest, disks: disks))
        }
    }

    private func backUp(_ vm: GuestSource, besidePruneOf point: Int, _ waste: Int) async throws {
        let gate = Gate()
        let disks = vm.state.withLock { state in
            state.beforeRead = { await gate.passed() }
            return state.disks
        }
        defer { vm.state.withLock { $0.beforeRead = {} } }
        let (test, chosen) = (test, options)
        async let running = Self.backUp(vm, test, chosen, until: gate)
        await gate.reached()
        let failure: (any Error)?
        do {
            _ = try await prune(waste, nil, point)
            failure = nil
        } catch {
            failure = error
        }
        gate.letPass()
        points.append(Point(manifest: try await running, disks: disks))
        if let failure { throw failure }
    }

    /// A backup that is held up at its first read; one without reads is let through.
    private static func backUp(
        _ vm: GuestSource, _ test: TestRepository, _ options: BackupOptions, until gate: Gate
    ) async throws -> Manifest {
        let result: Result<Manifest, any Error>
        do { result = .success(try await test.manifest(vm, options: options)) } catch { result = .failure(error) }
        gate.letPass()
        await gate.passed()
        return try result.get()
    }

    private func delete(_ number: Int) async throws {
        guard !points.isEmpty else { return }
        let point = points.remove(at: number % points.count)
        let stored = try await test.repository().restorePoints().first { $0.id == point.manifest.id }
        guard let stored else { throw Difference(description: "\(point.manifest.id) is gone") }
        try await test.target.delete(stored.key)
    }

    private func prune(_ waste: Int, _ grace: Int?, _ point: Int?) async throws -> PruneReport {
        var options = PruneOptions()
        options.waste = Double(waste) / 100
        options.grace = Double(grace ?? 0)
        options.packSize = 1 << 20
        let gone = point.flatMap { points.isEmpty ? nil : points.remove(at: $0 % points.count).manifest }
        return try await test.prune(deleting: gone.map { [$0] } ?? [], options)
    }

    private func check() async throws {
        let report = try await test.check()
        guard report.isClean else { throw Difference(description: "\(report.damages)") }
    }

    /// Every restore point is there and comes back as the model has it; no other is.
    private func compare() async throws {
        let stored = try await test.repository().restorePoints()
        let expected = Set(points.map(\.manifest.id))
        guard Set(stored.map(\.id)) == expected else {
            throw Difference(description: "restore points \(stored.map(\.id)) instead of \(expected)")
        }
        for point in points {
            let disks = try await test.restore(point.manifest, to: vms[0])
            for (restored, disk) in zip(disks, point.disks) where restored.content != disk.content {
                throw Difference(description: "restore point \(point.manifest.id), \(disk.id) has other bytes")
            }
            guard disks.map(\.size) == point.disks.map(\.size) else {
                throw Difference(description: "restore point \(point.manifest.id) has other sizes")
            }
        }
    }
}
