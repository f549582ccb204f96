import Engine

extension SourceContract {
    static let differenceCases: [Case] = [
        scene("what no difference names did not change") { scene in
            try await scene.writeIslands(seed: 10)
            let full = try await scene.backUp()
            let disk = scene.addresses[0]
            try await scene.fixture.write(SampleBytes.random(4096, seed: 11), to: disk, at: (5 << 20) + 512)
            try await scene.fixture.write(SampleBytes.random(512, seed: 12), to: disk, at: (3 << 20) + 8192)
            try requireDifference(try await scene.backUp(since: full), scene)
        },
        scene("zeros written over data are a change") { scene in
            try await scene.writeIslands(seed: 13)
            let full = try await scene.backUp()
            try await scene.fixture.write([UInt8](repeating: 0, count: 8192), to: scene.addresses[0], at: 0)
            try await scene.backUp(since: full)
        },
        scene("nothing written, next to nothing named") { scene in
            try await scene.writeIslands(seed: 14)
            let full = try await scene.backUp()
            try requireDifference(try await scene.backUp(since: full), scene)
        },
        scene("each capture is the next one's reference") { scene in
            var newest = try await scene.backUp()
            for step in 0..<4 as Range<UInt64> {
                for disk in scene.addresses {
                    let bytes = SampleBytes.random(4096, seed: 20 + step)
                    try await scene.fixture.write(bytes, to: disk, at: step * 3 << 19)
                }
                newest = try await scene.backUp(since: newest)
                try requireDifference(newest, scene)
            }
        },
        scene("an abandoned capture in between changes nothing") { scene in
            try await scene.writeIslands(seed: 30)
            let full = try await scene.backUp()
            try await scene.fixture.write(SampleBytes.random(4096, seed: 31), to: scene.addresses[0], at: 6 << 20)
            try await scene.backUp(since: full, .abandoned)
            try await scene.fixture.write(SampleBytes.random(4096, seed: 32), to: scene.addresses[0], at: 7 << 20)
            try requireDifference(try await scene.backUp(since: full), scene)
        },
        scene("a disk that grew is read right") { scene in
            try await scene.writeIslands(seed: 33)
            let full = try await scene.backUp()
            let disk = scene.machine.disks[0]
            let size = disk.size + (3 << 20) + 512
            try await scene.fixture.grow(disk.address, to: size)
            try await scene.fixture.write(SampleBytes.random(4096, seed: 34), to: disk.address, at: size - 4096)
            let grown = try await scene.backUp(since: full)
            try require(grown.images[disk.address]?.count == Int(size), "the capture has the old size")
            let map = try unwrap(grown.maps[disk.address], "the disk was not captured")
            let tail = ByteRange(disk.size, size)
            try require(
                map.coverage == .used
                    || map.regions.compactMap { $0.range.intersection(tail)?.count }.reduce(0, +)
                        == tail.count,
                "a difference must name all that is new at the end")
        },
        scene("a reference that is lost is a full map with a reason") { scene in
            try await scene.writeIslands(seed: 35)
            let full = try await scene.backUp()
            try await scene.fixture.loseReference(full.reference)
            try requireFallback(try await scene.backUp(since: full))
        },
        scene("a reference that a newer capture replaced is a full map with a reason") { scene in
            let first = try await scene.backUp()
            try await scene.writeIslands(seed: 36)
            let second = try await scene.backUp(since: first)
            try requireFallback(try await scene.backUp(since: first, .abandoned))
            try requireDifference(try await scene.backUp(since: second), scene)
        },
        scene("a reference that means nothing is a full map with a reason") { scene in
            try await scene.writeIslands(seed: 37)
            let full = try await scene.backUp()
            for strange: JSONValue in [.null, "text", [:], ["capture": 7], ["capture": "../../etc"], [1, 2, 3]] {
                let base = Backup(reference: strange, images: full.images, maps: [:])
                try requireFallback(try await scene.backUp(since: base, .abandoned))
            }
        },
    ]

    private static func requireDifference(_ backup: Backup, _ scene: SourceScene) throws {
        guard scene.fixture.findsDifferences else { return try requireFallback(backup) }
        for (disk, map) in backup.maps {
            try require(map.coverage == .changes, "\(disk): a full map: \(map.fallback ?? "without a reason")")
        }
        try require(
            backup.named < backup.size / 3, "\(backup.named) of \(backup.size) bytes are named for a small change")
    }

    private static func requireFallback(_ backup: Backup) throws {
        for (disk, map) in backup.maps {
            try require(
                map.coverage == .used && map.fallback != nil, "\(disk): a difference to a reference that is gone")
        }
    }
}
