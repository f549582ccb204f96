import Engine
import Glibc

/// The images of one VM while they are read, in place.
final class ImageCapture: Capture {
    let machine: CapturedMachine
    private let id: String
    private let disks: [String: OpenDisk]
    private let method: ImageFilesSource.ChangeMethod

    /// One disk of the capture.
    struct OpenDisk: Sendable {
        let image: OpenImage
        /// The list of changed regions, if there is one.
        let changes: String?
        /// For `scan` only.
        let memory: DiskMemory?
    }

    /// - Parameter memoryFolder: of this VM for `scan`; nil for the other methods.
    init(
        _ machine: ImageMachine, _ request: CaptureRequest, _ method: ImageFilesSource.ChangeMethod,
        memoryFolder: String?
    ) throws(EngineError) {
        self.method = method
        id = RandomName.make() + RandomName.make()
        var disks: [String: OpenDisk] = [:]
        var captured: [CapturedDisk] = []
        do throws(EngineError) {
            for disk in machine.disks {
                let image = try OpenImage(disk.path)
                var memory: DiskMemory?
                if let memoryFolder {
                    memory = try DiskMemory(image, disk: disk.id, in: memoryFolder, run: request.runName)
                }
                disks[disk.id] = OpenDisk(image: image, changes: disk.changes, memory: memory)
                captured.append(CapturedDisk(id: disk.id, address: disk.address, size: image.size))
            }
        } catch {
            for disk in disks.values { try? disk.memory?.abandon() }
            throw error
        }
        self.disks = disks
        var warnings: [String] = []
        if request.consistency == .application {
            warnings.append("image files have no guest to ask: crash consistent only")
        }
        self.machine = CapturedMachine(
            configuration: Self.configuration(machine, captured), disks: captured, skipped: [], consistency: .crash,
            warnings: warnings,
            reference: ["capture": .string(id), "taken": .integer(Self.fileTime)])
    }

    func regions(of disk: CapturedDisk, since reference: DiskReference?) async throws(EngineError) -> RegionMap {
        let open = try self.open(disk)
        guard let reference else { return try used(open) }
        guard reference.size == disk.size else {
            return try used(open, "the disk has another size than at the last backup")
        }
        switch method {
        case .none: return try used(open, "this source is set to find no changes (`changes: none`)")
        case .list: return try listed(open, since: reference.capture)
        case .scan:
            guard let memory = open.memory, let id = reference.capture["capture"]?.string else {
                return try used(open, "the last backup was not made by `changes: scan`")
            }
            let (regions, fallback) = try memory.changes(since: id)
            if let fallback { return try used(open, fallback) }
            return RegionMap(coverage: .changes, regions: regions)
        }
    }

    func read(_ range: ByteRange, of disk: CapturedDisk, into output: Buffer) async throws(EngineError) {
        let open = try self.open(disk)
        try open.image.read(range, into: output)
        try open.memory?.note(range, in: output)
    }

    func finish(_ outcome: CaptureOutcome) async -> [String] {
        var warnings: [String] = []
        for disk in machine.disks {
            guard let memory = disks[disk.id]?.memory else { continue }
            do throws(EngineError) {
                if outcome == .committed {
                    try memory.commit(as: id)
                } else {
                    try memory.abandon()
                }
            } catch {
                warnings.append("\(disk.address): the next backup reads the whole disk: \(error)")
                try? memory.abandon()
            }
        }
        return warnings
    }

    private func open(_ disk: CapturedDisk) throws(EngineError) -> OpenDisk {
        guard let open = disks[disk.id] else {
            throw EngineError(.notFound, "\(disk.address) is not part of this capture")
        }
        return open
    }

    private func used(_ disk: OpenDisk, _ fallback: String? = nil) throws(EngineError) -> RegionMap {
        RegionMap(coverage: .used, regions: try UsedBlocks(image: disk.image).regions(), fallback: fallback)
    }

    private func listed(_ disk: OpenDisk, since reference: JSONValue) throws(EngineError) -> RegionMap {
        guard let path = disk.changes else { return try used(disk, "the disk has no list of `changes`") }
        guard let taken = reference["taken"]?.integer else {
            return try used(disk, "the last backup was not made from image files")
        }
        do throws(EngineError) {
            let list = try ChangeList(path, size: disk.image.size)
            guard list.written.milliseconds >= taken else {
                return try used(disk, "\(path) is older than the last backup")
            }
            return RegionMap(coverage: .changes, regions: list.regions)
        } catch  where error.kind == .notFound {
            return try used(disk, "\(path) is not there")
        }
    }

    /// Now, in milliseconds since 1970, by the clock that file times are taken from.
    private static var fileTime: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    private static func configuration(_ machine: ImageMachine, _ disks: [CapturedDisk]) -> JSONValue {
        let list = zip(machine.disks, disks).map { disk, captured -> JSONValue in
            [
                "address": .string(disk.address.description), "id": .string(disk.id), "path": .string(disk.path),
                "size": .integer(Int64(captured.size)),
            ]
        }
        return [
            "id": .string(machine.id), "name": .string(machine.name), "disks": .array(list),
            "categories": .object(machine.categories.mapValues { .array($0.map { .string($0) }) }),
        ]
    }
}
