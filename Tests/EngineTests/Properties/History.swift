import Testing

/// A repository's making and what happens to it, made from a seed.
struct History: Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let chunker: String
    let chunkSize: Int
    let hasParity: Bool
    let isEncrypted: Bool
    var steps: [HistoryStep]

    init(seed: UInt64, length: Int = 18) {
        var generator = SeededGenerator(seed: seed &* 0x5DEE_CE66 &+ 11)
        self.seed = seed
        chunker = seed % 2 == 0 ? "fixed" : "content"
        chunkSize = [32 << 10, 64 << 10].randomElement(using: &generator) ?? 64 << 10
        hasParity = Int.random(in: 0..<3, using: &generator) == 0
        isEncrypted = seed % 3 == 1
        steps = (0..<2).map { .write(vm: $0, count: 600_000, seed: seed) }
        steps += (0..<length).map { _ in .random(using: &generator) }
        steps += [.backUp(vm: 0, isFull: false, codec: "zstd"), .prune(waste: 0, grace: 0, deletingPoint: 0), .check]
    }

    var testDescription: String { "seed \(seed)" }

    /// What to paste into a test to see it again.
    var listing: String {
        "seed \(seed), \(chunker) \(chunkSize)\(hasParity ? ", parity" : "")\(isEncrypted ? ", encrypted" : ""):\n"
            + steps.map { "    .\($0)" }.joined(separator: ",\n")
    }

    /// The shortest history that still fails, found by leaving out steps one by one, last first.
    func shortened(while fails: (History) async -> Bool) async -> History {
        var shortest = self
        var index = steps.count - 1
        while index >= 0 {
            var shorter = shortest
            shorter.steps.remove(at: index)
            if await fails(shorter) { shortest = shorter }
            index -= 1
        }
        return shortest
    }
}
