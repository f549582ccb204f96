import Engine
import Logging
import Synchronization

/// A VM frozen on a cluster, with its disks readable over iSCSI.
final class AHVCapture: Capture {
    let context: CaptureContext
    let frozen: FrozenMachine
    let reference: CaptureReference
    private let configuration: JSONValue
    private let disks: [CapturedDisk]
    private let group: TemporaryVolumeGroup?
    private let connection: VolumeConnection?
    private let positions: [String: Int]
    private let isFinished = Mutex(false)

    init(
        _ context: CaptureContext, frozen: FrozenMachine, configuration: JSONValue, disks: [CapturedDisk],
        reference: CaptureReference, group: TemporaryVolumeGroup?, connection: VolumeConnection?
    ) {
        self.context = context
        self.frozen = frozen
        self.configuration = configuration
        self.disks = disks
        self.reference = reference
        self.group = group
        self.connection = connection
        positions = Dictionary(uniqueKeysWithValues: disks.enumerated().map { ($1.id, $0) })
    }

    var machine: CapturedMachine {
        CapturedMachine(
            configuration: configuration, disks: disks, skipped: frozen.machine.skipped,
            consistency: frozen.consistency, warnings: frozen.warnings, reference: reference.json)
    }

    func read(_ range: ByteRange, of disk: CapturedDisk, into output: Buffer) async throws(EngineError) {
        guard let connection, let position = positions[disk.id], range.end <= disk.size,
            range.count <= UInt64(output.room)
        else {
            throw EngineError(.bug, "a read of \(range.count) bytes at \(range.start) fits neither disk nor buffer")
        }
        guard !range.isEmpty else { return }
        let start = output.count
        do throws(PrismError) {
            try await connection.read(
                disk: position, at: range.start, count: Int(range.count), into: output, from: start)
        } catch {
            throw error.engineError.at("\(frozen.machine.name) › \(disk.address)")
        }
        output.markFilled(start + Int(range.count))
    }

    func regions(of disk: CapturedDisk, since reference: DiskReference?) async throws(EngineError) -> RegionMap {
        do throws(PrismError) {
            return try await RegionChoice(capture: self).regions(of: disk, since: reference)
        } catch {
            throw error.engineError.at("\(frozen.machine.name) › \(disk.address)")
        }
    }

    func finish(_ outcome: CaptureOutcome) async -> [String] {
        let isFirst = isFinished.withLock { done in
            defer { done = true }
            return !done
        }
        guard isFirst else { return [] }
        await connection?.close()
        var warnings = await group?.remove() ?? []
        switch outcome {
        case .committed: warnings += await context.keep(frozen.recoveryPoint, insteadOf: reference.supersedes)
        case .abandoned: warnings += await context.discard(frozen.recoveryPoint)
        }
        return warnings
    }
}
