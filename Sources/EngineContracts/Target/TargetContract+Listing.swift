import Engine

extension TargetContract {
    static let listingCases: [Case] = [
        scene("a listing is in byte order, whole, with sizes, and keeps to its prefix") { scene in
            let names = ["b/2", "a", "b/10", "b-1", "b/1/x", "c", "B", "b.1", "bb/1"]
            for (index, name) in names.enumerated() {
                try await scene.put(name, [UInt8](repeating: 7, count: index))
            }
            for prefix in ["", "b", "b/", "b/1", "b/1/", "b/1/x", "bb", "x", "b/1/xy", "c/d"] {
                let wanted = names.filter { $0.hasPrefix(prefix) }.sorted {
                    Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
                }
                let found = try await scene.list(prefix)
                try require(found.map(\.name) == wanted, "`\(prefix)` lists \(found.map(\.name)), not \(wanted)")
                for (name, size) in found {
                    try require(size == names.firstIndex(of: name), "\(name) is listed with \(size) bytes")
                }
            }
        },
        scene("the time of an object is that of its put, by one clock for all") { scene in
            let before = try await scene.putAndListTime("time/a")
            let after = try await scene.putAndListTime("time/b")
            try require(before <= after, "the object put first is listed with the later time")
            let apart = after.milliseconds - before.milliseconds
            try require(apart < 600_000, "two puts in a row are listed \(apart) ms apart")
        },
        scene("an empty place lists nothing") { scene in
            let found = try await scene.list("")
            try require(found.isEmpty, "a fresh place lists \(found.map(\.name))")
        },
        scene("many objects are all listed") { scene in
            for group in 0..<4 {
                for number in 0..<75 { try await scene.put("many/\(group)/\(number)", [UInt8(number)]) }
            }
            let found = try await scene.list("many/")
            try require(Set(found.map(\.name)).count == 300 && found.count == 300, "\(found.count) of 300 are listed")
        },
        scene("what another process put is listed at once") { scene in
            let other = try scene.place()
            try await other.open()
            try await other.put(scene.key("theirs"), Buffer([1]))
            await other.close()
            let found = try await scene.list("")
            try require(found.map(\.name) == ["theirs"], "listed: \(found.map(\.name))")
        },
        scene("a sweep takes no object") { scene in
            try await scene.put("kept", [1, 2])
            _ = try await scene.target.sweep()
            try require(try await scene.get("kept") == [1, 2], "the object is gone")
        },
        Case("closing twice, or without opening, does no harm") { place in
            let target = try place()
            await target.close()
            let second = try place()
            try await second.open()
            await second.close()
            await second.close()
        },
        scene("opening again finds what was put") { scene in
            try await scene.put("stays", [5])
            let again = try scene.place()
            try await again.open()
            let output = Buffer(capacity: 4)
            try await again.get(scene.key("stays"), nil, into: output)
            await again.close()
            try require(output.array == [5], "the object is \(output.array)")
        },
    ]
}
