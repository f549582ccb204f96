import Engine

extension TargetContract {
    static let togetherCases: [Case] = [
        scene("many puts and gets may be in flight at once") { scene in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<32 as Range<UInt64> {
                    group.addTask {
                        let bytes = SampleBytes.random(50_000 + Int(number), seed: number)
                        try await scene.put("together/\(number % 4)/\(number)", bytes)
                        let found = try await scene.get("together/\(number % 4)/\(number)")
                        try require(found == bytes, "object \(number) came back different")
                    }
                }
                try await group.waitForAll()
            }
        },
        scene("of many writers of one key exactly one succeeds, and nobody's bytes mix") { scene in
            guard scene.target.capabilities.hasAtomicCreate else { return }
            for round in 0..<8 {
                let winners = try await race(scene, key: "race-\(round)", writers: 8)
                try require(winners.count == 1, "\(winners.count) writers succeeded")
                let found = try await scene.get("race-\(round)")
                try require(found == racer(winners[0]), "the object is not what the winner wrote")
            }
        },
        scene("nobody sees a part of an object while it is put") { scene in
            let bytes = SampleBytes.random(8 << 20, seed: 50)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask { try await scene.put("slow/\(number)", bytes) }
                }
                group.addTask {
                    for _ in 0..<50 {
                        for (name, size) in try await scene.list("slow/") {
                            try require(size == bytes.count, "\(name) is listed with \(size) bytes")
                            let end = try await scene.get(name, (bytes.count - 16)..<bytes.count)
                            try require(end == Array(bytes.suffix(16)), "\(name) is listed before it is whole")
                        }
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
        },
        scene("a put that was cancelled is there whole, or not at all") { scene in
            let bytes = SampleBytes.random(2 << 20, seed: 51)
            for number in 0..<12 {
                let put = Task { try await scene.put("cut/\(number)", bytes) }
                for _ in 0..<number { await Task.yield() }
                put.cancel()
                let isDone = (try? await put.value) != nil
                let found = try await scene.list("cut/\(number)").filter { $0.name == "cut/\(number)" }
                try require(!isDone || found.count == 1, "a put that returned is not listed")
                for (name, _) in found { try require(try await scene.get(name) == bytes, "\(name) is not whole") }
            }
        },
    ]

    private static func racer(_ number: Int) -> [UInt8] { SampleBytes.random(100_000 + number, seed: UInt64(number)) }

    /// The numbers of the writers that succeeded.
    private static func race(_ scene: TargetScene, key: String, writers: Int) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<writers {
                group.addTask {
                    do {
                        try await scene.put(key, racer(number))
                        return number
                    } catch let error as EngineError where error.kind == .alreadyExists {
                        return nil
                    }
                }
            }
            var winners: [Int] = []
            for try await winner in group { if let winner { winners.append(winner) } }
            return winners
        }
    }
}
