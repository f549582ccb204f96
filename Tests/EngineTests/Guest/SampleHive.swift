@testable import Engine

/// A hive of a registry, put together by hand.
struct SampleHive {
    struct Key {
        var name: String
        var numbers: [String: UInt32] = [:]
        var children: [Key] = []
    }

    /// Cells, each with its length before it.
    private var cells = [UInt8](repeating: 0, count: 32)

    /// - Parameter list: how keys name their children: `lf`, `lh`, `li`, or `ri` for lists of lists.
    static func bytes(_ root: Key, list: String = "lf") -> [UInt8] {
        var hive = SampleHive()
        let place = hive.add(root, list)
        let size = (hive.cells.count + 4095) / 4096 * 4096
        let end = hive.cells.count
        hive.cells += [UInt8](repeating: 0, count: size - end)
        var bin = ImageFields(hive.cells)
        // What is left is a cell that is free.
        if end < size { bin.setLittle(UInt32(size - end), at: end) }
        bin.set("hbin", at: 0)
        bin.setLittle(UInt32(size), at: 8)
        var head = ImageFields(count: 4096)
        head.set("regf", at: 0)
        head.setLittle(UInt32(7), at: 4)
        head.setLittle(UInt32(7), at: 8)
        head.setLittle(UInt32(1), at: 20)
        head.setLittle(UInt32(5), at: 24)
        head.setLittle(UInt32(1), at: 32)
        head.setLittle(UInt32(place), at: 36)
        head.setLittle(UInt32(size), at: 40)
        head.setLittle(UInt32(1), at: 44)
        let sum = stride(from: 0, to: 508, by: 4).reduce(UInt32(0)) { $0 ^ head.little($1, as: UInt32.self) }
        head.setLittle(sum, at: 508)
        return head.bytes + bin.bytes
    }

    private mutating func add(_ key: Key, _ list: String) -> Int {
        let children = key.children.map { add($0, list) }
        let values = key.numbers.sorted { $0.key < $1.key }.map { add(value: $0.key, $0.value) }
        var cell = ImageFields(count: 76)
        cell.set("nk", at: 0)
        cell.setLittle(UInt16(0x20), at: 2)
        cell.setLittle(UInt32(children.count), at: 20)
        cell.setLittle(children.isEmpty ? UInt32.max : UInt32(add(list: children, list)), at: 28)
        cell.setLittle(UInt32.max, at: 32)
        cell.setLittle(UInt32(values.count), at: 36)
        cell.setLittle(values.isEmpty ? UInt32.max : UInt32(add(words: values)), at: 40)
        for offset in [44, 48] { cell.setLittle(UInt32.max, at: offset) }
        cell.setLittle(UInt16(key.name.utf8.count), at: 72)
        return add(cell: cell.bytes + Array(key.name.utf8))
    }

    private mutating func add(value name: String, _ number: UInt32) -> Int {
        var cell = ImageFields(count: 20)
        cell.set("vk", at: 0)
        cell.setLittle(UInt16(name.utf8.count), at: 2)
        cell.setLittle(UInt32(0x8000_0004), at: 4)
        cell.setLittle(number, at: 8)
        cell.setLittle(UInt32(4), at: 12)
        cell.setLittle(UInt16(1), at: 16)
        return add(cell: cell.bytes + Array(name.utf8))
    }

    private mutating func add(list children: [Int], _ kind: String) -> Int {
        guard kind == "ri" else { return add(entries: children, kind) }
        let lists = children.map { add(entries: [$0], "li") }
        return add(entries: lists, "ri")
    }

    private mutating func add(entries: [Int], _ kind: String) -> Int {
        let width = kind == "li" || kind == "ri" ? 4 : 8
        var cell = ImageFields(count: 4 + width * entries.count)
        cell.set(kind, at: 0)
        cell.setLittle(UInt16(entries.count), at: 2)
        for (index, entry) in entries.enumerated() { cell.setLittle(UInt32(entry), at: 4 + width * index) }
        return add(cell: cell.bytes)
    }

    private mutating func add(words: [Int]) -> Int {
        var cell = ImageFields(count: 4 * words.count)
        for (index, word) in words.enumerated() { cell.setLittle(UInt32(word), at: 4 * index) }
        return add(cell: cell.bytes)
    }

    private mutating func add(cell: [UInt8]) -> Int {
        let place = cells.count
        let size = (cell.count + 4 + 7) / 8 * 8
        var head = ImageFields(count: 4)
        head.setLittle(UInt32(bitPattern: -Int32(size)), at: 0)
        cells += head.bytes + cell + [UInt8](repeating: 0, count: size - 4 - cell.count)
        return place
    }
}
