import Testing

@testable import Engine

@Suite("Changing a leaf")
struct LeafMapTests {
    private func digest(_ number: Int) -> Digest { Digest(words: (UInt64(number), 7, 7, 7)) }

    /// What a unit holds: which chunk, and which unit of it.
    private struct Place: Equatable {
        let chunk: Digest
        let unit: Int
    }

    private func places(_ map: LeafMap) -> [Place?] {
        var places = [Place?](repeating: nil, count: RepositoryFormat.unitsPerLeaf)
        for extent in map.extents {
            for offset in 0..<extent.units {
                places[extent.start + offset] = Place(chunk: extent.chunk, unit: extent.skip + offset)
            }
        }
        return places
    }

    @Test(
        "whatever is replaced, the rest still points to its own units of the old chunks",
        arguments: 1...20 as ClosedRange<UInt64>)
    func randomReplacements(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var map = LeafMap()
        var model = places(map)
        for number in 0..<150 {
            let start = Int.random(in: 0..<RepositoryFormat.unitsPerLeaf, using: &generator)
            let count = Int.random(in: 1...min(90, RepositoryFormat.unitsPerLeaf - start), using: &generator)
            let units = start..<(start + count)
            var extents: [TreeNode.Extent] = []
            if number % 5 != 0 {
                let cut = Int.random(in: 1...count, using: &generator)
                extents.append(TreeNode.Extent(start: start, units: cut, skip: 0, chunk: digest(2 * number)))
                if cut < count, Bool.random(using: &generator) {
                    extents.append(
                        TreeNode.Extent(start: start + cut, units: count - cut, skip: 0, chunk: digest(2 * number + 1)))
                }
            }
            map.replace(units, with: extents)
            for unit in units { model[unit] = nil }
            for (unit, place) in places(LeafMap(extents)).enumerated() where place != nil { model[unit] = place }
            #expect(places(map) == model)
            #expect(zip(map.extents, map.extents.dropFirst()).allSatisfy { $0.end <= $1.start && $0.units > 0 })
        }
        let runs = map.runs
        #expect(runs.flatMap { $0 } == model.indices.filter { model[$0] != nil })
        #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }

    @Test("only extents that begin with their chunk and lie within the units are its chunks")
    func wholeChunks() {
        var map = LeafMap([
            TreeNode.Extent(start: 0, units: 10, skip: 0, chunk: digest(1)),
            TreeNode.Extent(start: 10, units: 10, skip: 0, chunk: digest(2)),
            TreeNode.Extent(start: 20, units: 10, skip: 0, chunk: digest(3)),
        ])
        #expect(map.chunks(within: 5..<30).map(\.chunk) == [digest(2), digest(3)])
        map.replace(12..<14, with: [])
        #expect(map.chunks(within: 0..<1024).map(\.start) == [0, 10, 20])
        #expect(map.extents.map(\.start) == [0, 10, 14, 20])
    }

    @Test("a leaf with many holes is not fragmented, one cut by many changes is")
    func fragmentation() {
        let holes = (0..<512).map { TreeNode.Extent(start: 2 * $0, units: 1, skip: 0, chunk: digest($0)) }
        #expect(!LeafMap(holes).isFragmented(averageUnits: 16))
        let pieces = (0..<400).map { TreeNode.Extent(start: 2 * $0, units: 2, skip: 0, chunk: digest($0)) }
        #expect(LeafMap(pieces).isFragmented(averageUnits: 16))
        #expect(!LeafMap(Array(pieces.prefix(256))).isFragmented(averageUnits: 16))
    }
}
