import Engine

extension ImageContract {
    private static let size = (5 << 20) - 512

    static let readingCases: [Case] = [
        Case("ranges are exact wherever they begin and end, and are appended") { subject in
            let trial = try await ImageTrial.write(.islands(size), as: subject)
            let image = try await trial.open()
            let dice = SampleBytes.random(1200, seed: 11)
            for round in 0..<100 {
                let numbers = dice[(12 * round)..<(12 * round + 12)].map { Int($0) }
                let start = (numbers[0] << 16 | numbers[1] << 8 | numbers[2]) % size
                let count = min((numbers[3] << 8 | numbers[4]) << (numbers[5] % 5), size - start)
                let output = Buffer(capacity: count + 3)
                output.append(([1, 2, 3] as [UInt8]).span.bytes)
                try await image.read(ByteRange(start: UInt64(start), count: UInt64(count)), into: output)
                try require(
                    output.array == [1, 2, 3] + trial.disk.bytes[start..<(start + count)],
                    "\(count) bytes at \(start) are not as they were written")
            }
        },
        Case("extents follow each other without gap or overlap, and zero ones read as zeros") { subject in
            let trial = try await ImageTrial.write(.islands(size), as: subject)
            let image = try await trial.open()
            let end = image.size
            for range in [
                ByteRange(0, end), ByteRange(1, 2), ByteRange(1000, 3_000_001), ByteRange(end - 513, end),
                ByteRange(end, end),
            ] {
                var place = range.start
                for extent in try await image.extents(in: range) {
                    try require(extent.range.start == place, "an extent begins at \(extent.range.start), not \(place)")
                    try require(!extent.range.isEmpty, "an extent of no bytes at \(place)")
                    place = extent.range.end
                    guard extent.isZero else { continue }
                    let part = trial.disk.bytes[
                        min(Int(extent.range.start), size)..<min(Int(extent.range.end), size)]
                    try require(part.allSatisfy { $0 == 0 }, "data at \(extent.range.start) is called zeros")
                }
                try require(place == range.end, "the extents end at \(place), not at \(range.end)")
            }
        },
        Case("an empty disk is told to be zeros without being read") { subject in
            let trial = try await ImageTrial.write(.empty(4 << 20), as: subject)
            let image = try await trial.open()
            let extents = try await image.extents(in: ByteRange(0, image.size))
            try require(extents.allSatisfy(\.isZero), "zeros are called data")
        },
        Case("many tasks may read one image at once") { subject in
            let trial = try await ImageTrial.write(.islands(size), as: subject)
            let image = try await trial.open()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<12 {
                    group.addTask {
                        for round in 0..<12 {
                            let start = (task * 399_989 + round * 350_003) % (size - 100_000)
                            let output = Buffer(capacity: 100_000)
                            try await image.read(ByteRange(start: UInt64(start), count: 100_000), into: output)
                            try require(
                                output.array.elementsEqual(trial.disk.bytes[start..<(start + 100_000)]),
                                "bytes at \(start) are not as they were written")
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
        Case("facts name the format, and reads are best by a power of two") { subject in
            let trial = try await ImageTrial.write(.islands(1 << 20), as: subject)
            let image = try await trial.open()
            try require(image.facts.format == type(of: trial.format).name, "the facts are of \(image.facts.format)")
            try require(!image.facts.variant.isEmpty && image.facts.parents.isEmpty, "the facts are \(image.facts)")
            try require(image.facts.remarks.isEmpty, "something was forgiven: \(image.facts.remarks)")
            try require(image.bestRead > 0 && image.bestRead & (image.bestRead - 1) == 0, "\(image.bestRead)")
        },
        Case("its own files are recognized for certain, and by no other format") { subject in
            for size in [512, 1 << 20] {
                let trial = try await ImageTrial.write(.islands(size), as: subject)
                let storage = try trial.folder.storage(trial.name)
                let own = try await trial.format.recognition(of: storage)
                try require(own == (subject.isMarked ? .certain : .possible), "its own file is `\(own)`")
                for other in try subject.others() {
                    let theirs = try await other.recognition(of: storage)
                    try require(theirs != .certain, "\(type(of: other).name) is certain of it")
                }
            }
        },
    ]
}
