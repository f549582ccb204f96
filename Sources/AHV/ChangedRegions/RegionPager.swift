import Engine

/// Joins the pages of a changed-region answer and checks every rule that makes them a proof of coverage.
struct RegionPager: Sendable {
    /// The disk's size in bytes, which the answers must agree with.
    let size: UInt64
    private(set) var regions: [RegionMap.Region] = []
    /// Where the next page starts; nil once the disk is covered.
    private(set) var next: UInt64? = 0

    init(size: UInt64) { self.size = size }

    /// Takes one page.
    /// - Throws: `corrupt` naming the rule that the page breaks.
    mutating func take(_ page: PrismReply) throws(PrismError) {
        guard let asked = next else { throw Self.broken("it goes on after its end") }
        guard let fileSize = page.extra("fileSize")?.bytes else { throw Self.broken("it has no file size") }
        guard fileSize == size else { throw Self.broken("the disk has \(fileSize) bytes there and \(size) here") }
        let end = page.extra("nextOffset").flatMap { $0.bytes } ?? 0
        for item in page.items { try append(item, from: asked) }
        if end == 0 || end >= size {
            next = nil
        } else {
            guard end > asked else { throw Self.broken("the next offset \(end) does not advance from \(asked)") }
            next = end
        }
    }

    private mutating func append(_ item: JSONValue, from asked: UInt64) throws(PrismError) {
        guard let start = item["offset"]?.bytes, let length = item["length"]?.bytes, length > 0 else {
            throw Self.broken("a region has no place or no length")
        }
        let (sum, isOver) = start.addingReportingOverflow(length)
        guard !isOver else { throw Self.broken("a region has no end") }
        let floor = max(asked, regions.last?.range.end ?? 0)
        guard start >= floor else { throw Self.broken("regions overlap or go backwards at \(start)") }
        let isZero: Bool
        switch item["regionType"]?.string {
        case "REGULAR": isZero = false
        case "ZEROED": isZero = true
        default: throw Self.broken("a region at \(start) is of no known type")
        }
        // Regions are aligned outwards, so they may reach beyond the disk.
        guard start < size else { return }
        let range = ByteRange(start, min(sum, size))
        if let last = regions.last, last.range.end == start, last.isZero == isZero {
            regions[regions.count - 1] = .init(ByteRange(last.range.start, range.end), isZero: isZero)
        } else {
            regions.append(.init(range, isZero: isZero))
        }
    }

    private static func broken(_ rule: String) -> PrismError {
        PrismError(.corrupt, "the answer about changed regions is not to be trusted: \(rule)")
    }
}
