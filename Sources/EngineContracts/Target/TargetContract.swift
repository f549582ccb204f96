public import Engine

/// What every target promises. The cases keep to keys below `contract/` and remove what they put.
public enum TargetContract {
    /// Makes a target, not opened: each call another one over the same place, as several processes have.
    public typealias Place = @Sendable () throws -> any Target
    public typealias Case = ContractCase<Place>

    public static let cases: [Case] = objectCases + listingCases + togetherCases + uploadCases

    static func scene(
        _ description: String, _ body: @escaping @Sendable (TargetScene) async throws -> Void
    ) -> Case {
        Case(description) { place in try await TargetScene.play(place, body) }
    }

    private static let objectCases: [Case] = [
        scene("what was put can be got, whatever its size") { scene in
            for count in [0, 1, 4095, 4096, 65_537, (4 << 20) + 1] {
                let bytes = SampleBytes.random(count, seed: UInt64(count))
                try await scene.put("size-\(count)", bytes)
                try require(try await scene.get("size-\(count)") == bytes, "\(count) bytes came back different")
                let size = try await scene.target.size(of: scene.key("size-\(count)"))
                try require(size == count, "the size of \(count) bytes is \(size.map(String.init) ?? "none")")
            }
        },
        scene("ranges are exact, at the start, in the middle and at the end") { scene in
            let bytes = SampleBytes.random(200_000, seed: 1)
            try await scene.put("ranged", bytes)
            for range in [0..<1, 0..<0, 77..<78, 4096..<70_000, 199_999..<200_000, 200_000..<200_000, 0..<200_000] {
                let found = try await scene.get("ranged", range)
                try require(found == Array(bytes[range]), "\(range) is wrong")
            }
        },
        scene("a get appends behind what the buffer holds") { scene in
            try await scene.put("tail", [4, 5, 6])
            let output = Buffer(capacity: 6)
            output.append(([1, 2, 3] as [UInt8]).span.bytes)
            try await scene.target.get(scene.key("tail"), 1..<3, into: output)
            try require(output.array == [1, 2, 3, 5, 6], "the buffer holds \(output.array)")
        },
        scene("a range behind the end is `corrupt`, and appends nothing") { scene in
            try await scene.put("short", SampleBytes.random(100, seed: 2))
            let output = Buffer(capacity: 4096)
            for range in [0..<101, 100..<101, 5000..<5001] {
                try await EngineError.expected(.corrupt, from: "reading \(range) of 100 bytes") {
                    try await scene.target.get(scene.key("short"), range, into: output)
                }
            }
            try require(output.count == 0, "\(output.count) bytes were appended")
        },
        scene("an object larger than the room is `corrupt`, and appends nothing") { scene in
            try await scene.put("large", SampleBytes.random(5000, seed: 3))
            let output = Buffer(capacity: 4999)
            try await EngineError.expected(.corrupt, from: "reading 5000 bytes into 4999") {
                try await scene.target.get(scene.key("large"), nil, into: output)
            }
            try require(output.count == 0, "\(output.count) bytes were appended")
        },
        scene("an absent object is `notFound`, has no size, and can be deleted") { scene in
            let output = Buffer(capacity: 16)
            for name in ["absent", "absent/deeper/still"] {
                for range in [nil, 0..<1] as [Range<Int>?] {
                    try await EngineError.expected(.notFound, from: "reading what is not there") {
                        try await scene.target.get(scene.key(name), range, into: output)
                    }
                }
                let size = try await scene.target.size(of: scene.key(name))
                try require(size == nil, "what is not there has a size")
                try await scene.target.delete(scene.key(name))
            }
        },
        scene("a part of a key is no object") { scene in
            try await scene.put("folder/inner", [1])
            let key = try scene.key("folder")
            let size = try await scene.target.size(of: key)
            try require(size == nil, "a folder has a size")
            try await EngineError.expected(.notFound, from: "reading a folder") {
                try await scene.target.get(key, nil, into: Buffer(capacity: 16))
            }
        },
        scene("a second put is `alreadyExists`, and the first stays") { scene in
            try await scene.put("once", [1, 2, 3])
            try await EngineError.expected(.alreadyExists, from: "a second put of a key") {
                try await scene.put("once", [9, 9, 9])
            }
            try require(try await scene.get("once") == [1, 2, 3], "the object changed")
        },
        scene("what is deleted is gone, and its key can be used again") { scene in
            try await scene.put("again", [1])
            try await scene.target.delete(scene.key("again"))
            let listed = try await scene.list("again")
            try require(listed.isEmpty, "a deleted object is listed")
            try await scene.put("again", [2])
            try require(try await scene.get("again") == [2], "the old object came back")
        },
        scene("keys may be long, and differ by case alone") { scene in
            let long = String(repeating: "k", count: 200) + "/" + String(repeating: "z", count: 200)
            for (index, name) in [long, "Case", "case", "a.b_c-D.9"].enumerated() {
                try await scene.put(name, [UInt8(index)])
            }
            for (index, name) in [long, "Case", "case", "a.b_c-D.9"].enumerated() {
                try require(try await scene.get(name) == [UInt8(index)], "`\(name)` holds another object")
            }
        },
    ]
}
