import Engine

extension SourceContract {
    static let readCases: [Case] = [
        scene("the used map and its bytes are the disk") { scene in
            try await scene.writeIslands(seed: 1)
            try await scene.backUp()
        },
        scene("blank disks read as zero") { scene in try await scene.backUp() },
        scene("a disk without a hole is read whole") { scene in
            let disk = scene.machine.disks[0]
            try await scene.fixture.write(SampleBytes.random(Int(disk.size), seed: 2), to: disk.address, at: 0)
            try await scene.backUp()
        },
        scene("reads append behind what the buffer holds, on any sectors") { scene in
            try await scene.writeIslands(seed: 3)
            let capture = try await scene.capture()
            let disk = try first(capture)
            let truth = try await scene.fixture.content(of: disk.address)
            let end = disk.size
            for range in [
                ByteRange(0, 512), ByteRange(512, 1024), ByteRange((3 << 20) + 3584, (3 << 20) + 4608),
                ByteRange(end - 512, end), ByteRange(end - 66_048, end), ByteRange(7 << 20, (9 << 20) + 512),
            ] {
                try await checkAppending(range, of: disk, in: capture, truth)
            }
            _ = await capture.finish(.abandoned)
        },
        scene("many reads of all disks may be in flight at once") { scene in
            try await scene.writeIslands(seed: 4)
            let capture = try await scene.capture()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for disk in capture.machine.disks {
                    let truth = try await scene.fixture.content(of: disk.address)
                    for start in stride(from: 0, to: disk.size, by: 1 << 20) {
                        let range = ByteRange(start, min(disk.size, start + (1 << 20)))
                        group.addTask {
                            let bytes = try await scene.read(range, of: disk, in: capture)
                            try require(
                                bytes == Array(truth[Int(range.start)..<Int(range.end)]),
                                "\(disk.address): wrong bytes at \(range.start)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            _ = await capture.finish(.abandoned)
        },
        scene("what the guest writes after the capture is never returned") { scene in
            try await scene.writeIslands(seed: 5)
            let capture = try await scene.capture()
            let disk = try first(capture)
            let truth = try await scene.fixture.content(of: disk.address)
            try await scene.fixture.write(SampleBytes.random(8192, seed: 6), to: disk.address, at: 0)
            do {
                let bytes = try await scene.read(ByteRange(0, 8192), of: disk, in: capture)
                try require(bytes == Array(truth[..<8192]), "the capture shows what was written after it")
            } catch let error as EngineError {
                // A source that cannot freeze a disk must notice.
                try require(!error.message.isEmpty, "no message")
            }
            _ = await capture.finish(.abandoned)
        },
        scene("consistency is what was reached, and less than asked for is said") { scene in
            let capture = try await scene.capture(consistency: .application)
            _ = await capture.finish(.abandoned)
            try require(
                capture.machine.consistency == .application || !capture.machine.warnings.isEmpty,
                "only crash consistent, without a warning")
        },
    ]

    /// Reads a range behind three bytes that the buffer holds already.
    private static func checkAppending(
        _ range: ByteRange, of disk: CapturedDisk, in capture: any Capture, _ truth: [UInt8]
    ) async throws {
        let head: [UInt8] = [1, 2, 3]
        let buffer = Buffer(capacity: Int(range.count) + head.count)
        buffer.append(head.span.bytes)
        try await capture.read(range, of: disk, into: buffer)
        let wanted = head + truth[Int(range.start)..<Int(range.end)]
        try require(buffer.array == wanted, "wrong bytes at \(range.start)..<\(range.end)")
    }

    /// The captured disk with the lowest address.
    static func first(_ capture: any Capture) throws -> CapturedDisk {
        try unwrap(capture.machine.disks.min { $0.address < $1.address }, "nothing was captured")
    }
}
