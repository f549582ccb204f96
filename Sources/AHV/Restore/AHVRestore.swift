import Engine
import Synchronization

/// What becomes of filled disks: a VM, a disk of a VM, or a volume group of their own.
protocol RestoreEnding: Sendable {
    /// Makes the result from `group`, whose disks are complete and free. Everything it changes it first tells
    /// `cleanUp`. The group is removed by the caller unless the result says that it stays.
    func complete(
        _ group: TemporaryVolumeGroup, _ cleanUp: CleanUp
    ) async throws(PrismError) -> (outcome: RestoreOutcome, groupStays: Bool)
}

/// Blank disks in a temporary volume group while a restore fills them.
final class AHVRestore: RestoreSession {
    private enum Stage { case writing, committing, ended }

    private let prism: PrismClient
    private let group: TemporaryVolumeGroup
    private let connection: VolumeConnection
    private let ending: any RestoreEnding
    private let cleanUp = CleanUp()
    private let stage = Mutex(Stage.writing)

    init(
        _ prism: PrismClient, group: TemporaryVolumeGroup, connection: VolumeConnection, ending: any RestoreEnding
    ) {
        self.prism = prism
        self.group = group
        self.connection = connection
        self.ending = ending
    }

    func write(
        _ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64
    ) async throws(EngineError) {
        guard group.disks.indices.contains(disk), range.upperBound <= buffer.count, range.lowerBound >= 0,
            offset <= group.disks[disk].size, UInt64(range.count) <= group.disks[disk].size - offset
        else { throw EngineError(.bug, "a write of \(range.count) bytes at \(offset) does not fit disk \(disk)") }
        guard !range.isEmpty else { return }
        do throws(PrismError) {
            try await connection.write(
                disk: disk, at: offset, count: range.count, of: buffer, from: range.lowerBound)
        } catch {
            throw error.engineError.at("disk \(disk)")
        }
    }

    func commit() async throws(EngineError) -> RestoreOutcome {
        let isFirst = stage.withLock { stage in
            defer { if stage == .writing { stage = .committing } }
            return stage == .writing
        }
        guard isFirst else { throw EngineError(.bug, "a restore is committed once") }
        do throws(PrismError) {
            for disk in group.disks.indices { try await connection.flush(disk: disk) }
            await connection.close()
            try await prism.detachClients(from: group.id)
            if Task.isCancelled { throw .cancelled }
            let (outcome, groupStays) = try await ending.complete(group, cleanUp)
            cleanUp.forget()
            let warnings = groupStays ? [] : await group.remove()
            end()
            return RestoreOutcome(id: outcome.id, name: outcome.name, notes: outcome.notes + warnings)
        } catch {
            throw error.engineError
        }
    }

    func abandon() async -> [String] {
        guard stage.withLock({ $0 != .ended }) else { return [] }
        await connection.close()
        var report = await cleanUp.run()
        let warnings = await group.remove()
        report += warnings.isEmpty ? ["removed the temporary volume group '\(group.name)'"] : warnings
        end()
        return report
    }

    private func end() { stage.withLock { $0 = .ended } }
}
