@testable import Engine

/// A disk of any size in memory: pages that were written, and a record of every write since each freeze.
struct GuestDisk: Sendable {
    let id: String
    let address: DiskAddress
    private(set) var size: UInt64
    private(set) var pages: [UInt64: [UInt8]] = [:]
    /// Pages changed in each generation.
    private(set) var changes: [Int: Set<UInt64>] = [:]
    /// Bytes written in each generation, in the order of the writes.
    private(set) var written: [Int: [ByteRange]] = [:]

    static let page: UInt64 = 4096

    init(id: String, address: DiskAddress, size: UInt64) {
        self.id = id
        self.address = address
        self.size = size
    }

    mutating func grow(to size: UInt64) { self.size = size }

    mutating func write(_ bytes: [UInt8], at offset: UInt64, generation: Int) {
        written[generation, default: []].append(ByteRange(start: offset, count: UInt64(bytes.count)))
        var position = 0
        while position < bytes.count {
            let at = offset + UInt64(position)
            let number = at / Self.page
            let start = Int(at % Self.page)
            let count = min(bytes.count - position, Int(Self.page) - start)
            pages[number, default: [UInt8](repeating: 0, count: Int(Self.page))]
                .replaceSubrange(start..<(start + count), with: bytes[position..<(position + count)])
            changes[generation, default: []].insert(number)
            position += count
        }
    }

    /// Makes whole pages zero.
    mutating func zero(pages range: Range<UInt64>, generation: Int) {
        written[generation, default: []].append(
            ByteRange(range.lowerBound * Self.page, min(size, range.upperBound * Self.page)))
        for number in range {
            pages[number] = nil
            changes[generation, default: []].insert(number)
        }
    }

    func read(_ range: ByteRange) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(range.count))
        var number = range.start / Self.page
        while number * Self.page < range.end {
            if let page = pages[number] {
                let start = max(range.start, number * Self.page)
                let end = min(range.end, (number + 1) * Self.page)
                let from = Int(start - number * Self.page)
                bytes.replaceSubrange(
                    Int(start - range.start)..<Int(end - range.start), with: page[from..<(from + Int(end - start))])
            }
            number += 1
        }
        return bytes
    }

    /// Pages that hold something but zeros.
    var content: [UInt64: [UInt8]] { pages.filter { page in page.value.contains { $0 != 0 } } }

    /// Regions of the given pages, zero or not as they are now.
    func regions(of numbers: some Sequence<UInt64>) -> [RegionMap.Region] {
        numbers.sorted().compactMap { number in
            let end = min((number + 1) * Self.page, size)
            guard number * Self.page < end else { return nil }
            return RegionMap.Region(ByteRange(number * Self.page, end), isZero: pages[number] == nil)
        }
    }

    /// The smallest regions on multiples of `grain` that hold `ranges`, zero or not as they are now.
    func regions(of ranges: [ByteRange], grain: UInt64) -> [RegionMap.Region] {
        var cells: Set<UInt64> = []
        for range in ranges where !range.isEmpty { cells.formUnion((range.start / grain)...((range.end - 1) / grain)) }
        return cells.sorted().compactMap { cell in
            let range = ByteRange(cell * grain, min(size, (cell + 1) * grain))
            return RegionMap.Region(range, isZero: read(range).allSatisfy { $0 == 0 })
        }
    }
}
