import Engine

/// Promises of uploads: not offered by a target that has none.
extension TargetContract {
    static let uploadCases: [Case] = [
        scene("a target takes objects piece by piece, or says that it does not") { scene in
            let upload = try await scene.begin("begun")
            await upload.abandon()
        },
        scene("what was uploaded in pieces of any size can be got, in the order of the pieces") { scene in
            // Beyond one, two and three parts of targets that send parts of 5 MiB or 1 MiB.
            for (count, piece) in [(1, 1), (70_001, 999), (5 << 20, 1 << 20), ((17 << 20) + 5, (3 << 20) + 1)] {
                let bytes = SampleBytes.random(count, seed: UInt64(count))
                try await scene.upload("size-\(count)", bytes, by: piece)
                try require(try await scene.get("size-\(count)") == bytes, "\(count) bytes came back different")
                let size = try await scene.target.size(of: scene.key("size-\(count)"))
                try require(size == count, "the size of \(count) bytes is \(size.map(String.init) ?? "none")")
            }
        },
        scene("an upload of nothing is an empty object, also by empty pieces") { scene in
            try await scene.upload("nothing", [], by: 1)
            let upload = try await scene.begin("empty")
            for _ in 0..<3 { try await upload.append(Buffer([1]), 0..<0) }
            try await upload.finish()
            for name in ["nothing", "empty"] {
                try require(try await scene.get(name) == [], "\(name) is not empty")
                try require(try await scene.list(name).map(\.size) == [0], "\(name) is not listed as empty")
            }
        },
        scene("nobody sees a part of an upload before it is finished") { scene in
            let bytes = SampleBytes.random((9 << 20) + 1, seed: 60)
            let upload = try await scene.begin("slow/object")
            let other = try scene.place()
            try await other.open()
            let key = try scene.key("slow/object")
            func requireNothing(_ when: String) async throws {
                for target in [scene.target, other] {
                    try require(try await target.size(of: key) == nil, "the object has a size \(when)")
                    let found = try await target.list(prefix: key.text)
                    try require(found.isEmpty, "the object is listed \(when)")
                    try await EngineError.expected(.notFound, from: "reading the object \(when)") {
                        try await target.get(key, 0..<1, into: Buffer(capacity: 16))
                    }
                }
            }
            try await requireNothing("before any byte")
            for start in stride(from: 0, to: bytes.count, by: 4 << 20) {
                try await scene.append(Array(bytes[start...].prefix(4 << 20)), to: upload, by: 4 << 20)
                try await requireNothing("after \(start + 4 << 20) bytes")
            }
            try await upload.finish()
            let output = Buffer(capacity: bytes.count)
            try await other.get(key, nil, into: output)
            await other.close()
            try require(output.array == bytes, "the object is not what was appended")
        },
        scene("an upload to a key that is taken is `alreadyExists` when it is finished, and the object stays") {
            scene in
            for (name, count) in [("small", 10), ("large", 6 << 20)] {
                try await scene.put(name, [1, 2, 3])
                let early = try await scene.begin(name)
                try await scene.append(SampleBytes.random(count, seed: 61), to: early, by: 1 << 20)
                try await EngineError.expected(.alreadyExists, from: "finishing the upload of a taken key") {
                    try await early.finish()
                }
                await early.abandon()
                try require(try await scene.get(name) == [1, 2, 3], "the object changed")
                // Taken only while the upload is under way.
                let late = try await scene.begin("late-" + name)
                try await scene.append(SampleBytes.random(count, seed: 62), to: late, by: 1 << 20)
                try await scene.put("late-" + name, [4, 5])
                try await EngineError.expected(.alreadyExists, from: "finishing the upload of a key taken since") {
                    try await late.finish()
                }
                await late.abandon()
                try require(try await scene.get("late-" + name) == [4, 5], "the object changed")
            }
        },
        scene("an upload that is given up leaves nothing to be seen, and its key can be used") { scene in
            for count in [0, 100, 6 << 20] {
                let upload = try await scene.begin("given-up")
                try await scene.append(SampleBytes.random(count, seed: 63), to: upload, by: 4 << 20)
                await upload.abandon()
                await upload.abandon()
                try require(try await scene.list("given-up").isEmpty, "an upload of \(count) bytes is listed")
                let size = try await scene.target.size(of: scene.key("given-up"))
                try require(size == nil, "an upload of \(count) bytes has a size")
            }
            try await scene.put("given-up", [7])
            try require(try await scene.get("given-up") == [7], "the key holds something else")
        },
        scene("an upload that is let go of leaves nothing to be seen, and a sweep beside one takes nothing of it") {
            scene in
            let bytes = SampleBytes.random((6 << 20) + 3, seed: 64)
            do {
                let lost = try await scene.begin("lost")
                try await scene.append(bytes, to: lost, by: 2 << 20)
            }
            let upload = try await scene.begin("swept")
            let other = try scene.place()
            try await other.open()
            for start in stride(from: 0, to: bytes.count, by: 2 << 20) {
                try await scene.append(Array(bytes[start...].prefix(2 << 20)), to: upload, by: 2 << 20)
                _ = try await other.sweep()
            }
            await other.close()
            try await upload.finish()
            _ = try await scene.target.sweep()
            try require(try await scene.get("swept") == bytes, "the object is not what was appended")
            try require(try await scene.list("").map(\.name) == ["swept"], "what was let go of is listed")
        },
        scene("finishing or giving up after an upload is finished does nothing") { scene in
            for (name, count) in [("small", 1000), ("large", 6 << 20)] {
                let bytes = SampleBytes.random(count, seed: 65)
                let upload = try await scene.begin(name)
                try await scene.append(bytes, to: upload, by: 1 << 20)
                try await upload.finish()
                try await upload.finish()
                await upload.abandon()
                try require(try await scene.get(name) == bytes, "the object is not what was appended")
            }
        },
        scene("several uploads may be under way at once, by one task or by many") { scene in
            let first = try await scene.begin("woven/a")
            let second = try await scene.begin("woven/b")
            let bytes = SampleBytes.random(6 << 20, seed: 66)
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                let piece = Array(bytes[start...].prefix(1 << 20))
                try await scene.append(piece, to: first, by: 1 << 20)
                try await scene.append(piece.reversed(), to: second, by: 1 << 20)
            }
            try await second.finish()
            try await first.finish()
            try require(try await scene.get("woven/a") == bytes, "the first object is not what was appended")
            let found = try await scene.get("woven/b")
            try require(
                found.prefix(1 << 20).elementsEqual(bytes.prefix(1 << 20).reversed()), "the second object is not")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 as Range<UInt64> {
                    group.addTask {
                        let bytes = SampleBytes.random((2 << 20) + Int(number), seed: number)
                        try await scene.upload("beside/\(number)", bytes, by: 300_000)
                        try require(try await scene.get("beside/\(number)") == bytes, "object \(number) is different")
                    }
                }
                try await group.waitForAll()
            }
        },
        scene("of many uploads of one key one succeeds, exactly one where that is promised, and nobody's bytes mix") {
            scene in
            let capabilities = scene.target.capabilities
            let winners = try await withThrowingTaskGroup(of: UInt64?.self) { group in
                for number in 0..<(capabilities.hasAtomicCreate ? 3 : 1) as Range<UInt64> {
                    group.addTask {
                        do {
                            try await scene.upload("race", SampleBytes.random(6 << 20, seed: number), by: 1 << 20)
                            return number
                        } catch let error as EngineError where error.kind == .alreadyExists {
                            return nil
                        }
                    }
                }
                var winners: [UInt64] = []
                for try await winner in group { if let winner { winners.append(winner) } }
                return winners
            }
            let isRight = capabilities.hasAtomicUpload ? winners.count == 1 : !winners.isEmpty
            try require(isRight, "\(winners.count) uploads succeeded")
            let found = try await scene.get("race")
            let isWinners = winners.contains { found == SampleBytes.random(6 << 20, seed: $0) }
            try require(isWinners, "the object is not a winner's")
        },
    ]
}
