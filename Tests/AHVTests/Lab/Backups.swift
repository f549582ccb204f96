import AHV
import Engine
import Testing

/// What tests do with sources: freeze, read, restore.
enum Backups {
    static let run = "c0ffee00-00000001"

    static func machine(_ name: String, in source: AHVSource) async throws -> VirtualMachine {
        try #require(try await source.inventory().machines.first { $0.name == name })
    }

    static func capture(
        _ name: String, in source: AHVSource, since previous: JSONValue? = nil, _ consistency: Consistency = .crash
    ) async throws -> any Capture {
        try await source.capture(
            CaptureRequest(
                vm: try await machine(name, in: source), consistency: consistency, runName: run, previous: previous))
    }

    /// A disk as its map and reads make it, over what it was before.
    static func image(
        of disk: CapturedDisk, in capture: any Capture, since reference: DiskReference? = nil, over old: [UInt8] = []
    ) async throws -> (bytes: [UInt8], map: RegionMap) {
        let map = try await capture.regions(of: disk, since: reference)
        var image = [UInt8](repeating: 0, count: Int(disk.size))
        if map.coverage == .changes { image.replaceSubrange(0..<old.count, with: old) }
        for region in map.regions where !region.isZero {
            try await read(region.range, of: disk, in: capture, into: &image)
        }
        for region in map.regions where region.isZero {
            let place = Int(region.range.start)..<Int(region.range.end)
            image.replaceSubrange(place, with: [UInt8](repeating: 0, count: place.count))
        }
        return (image, map)
    }

    static func read(
        _ range: ByteRange, of disk: CapturedDisk, in capture: any Capture, into image: inout [UInt8]
    ) async throws {
        for start in stride(from: range.start, to: range.end, by: 4 << 20) {
            let piece = ByteRange(start, min(range.end, start + (4 << 20)))
            let buffer = Buffer(capacity: Int(piece.count))
            try await capture.read(piece, of: disk, into: buffer)
            image.replaceSubrange(Int(piece.start)..<Int(piece.end), with: buffer.array)
        }
    }

    /// Bytes that differ from place to place.
    static func pattern(_ count: Int, seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    /// A restore of everything that a capture froze.
    static func request(_ capture: any Capture, name: String?, original: VirtualMachine) -> VMRestoreRequest {
        var request = VMRestoreRequest(
            configuration: capture.machine.configuration, originalID: original.id, originalName: original.name,
            disks: capture.machine.disks.map { RestoreDisk(id: $0.id, address: $0.address, size: $0.size) },
            runName: run)
        request.name = name
        return request
    }

    /// The kind of the error that `work` ends with, and its words.
    static func error(
        from work: () async throws -> Void, location: SourceLocation = #_sourceLocation
    ) async -> EngineError {
        do {
            try await work()
        } catch {
            return EngineError(error)
        }
        Issue.record("it did not fail", sourceLocation: location)
        return EngineError(.bug, "no error")
    }
}
