import Engine
import EngineContracts
import ImageFiles
import Testing

/// One VM of image files, and the steps of a backup.
struct ImageScene {
    let folder: ImageFolder
    let source: ImageFilesSource
    static let run = "c0de7a57-00000001"

    init(_ folder: ImageFolder, _ source: ImageFilesSource) async throws {
        self.folder = folder
        self.source = source
        try await source.open()
    }

    func machine() async throws -> VirtualMachine { try #require(try await source.inventory().machines.first) }

    func capture(since previous: JSONValue? = nil) async throws -> any Capture {
        try await source.capture(
            CaptureRequest(vm: try await machine(), consistency: .crash, runName: Self.run, previous: previous))
    }

    /// Captures, reads what the first disk's map names as the engine does, commits; returns map and reference.
    func backUp(since previous: JSONValue? = nil) async throws -> (map: RegionMap, reference: JSONValue) {
        let capture = try await capture(since: previous)
        let disk = try #require(capture.machine.disks.first)
        let reference = previous.map { DiskReference(capture: $0, size: disk.size) }
        let map = try await capture.regions(of: disk, since: reference)
        for region in map.regions where !region.isZero {
            var start = region.range.start
            while start < region.range.end {
                let piece = ByteRange(start, min(region.range.end, start + (1 << 20)))
                try await capture.read(piece, of: disk, into: Buffer(capacity: 1 << 20))
                start = piece.end
            }
        }
        let warnings = await capture.finish(.committed)
        #expect(warnings.isEmpty)
        return (map, capture.machine.reference)
    }
}
