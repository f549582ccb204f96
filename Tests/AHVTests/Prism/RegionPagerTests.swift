import Engine
import Testing
import Wire

@testable import AHV

@Suite("Pages of changed regions")
struct RegionPagerTests {
    private func page(_ regions: [(Int, Int, String)], next: JSONValue?, size: JSONValue = 1000) throws -> PrismReply {
        let items = regions.map {
            JSONValue.object(["offset": .integer(Int64($0)), "length": .integer(Int64($1)), "regionType": .string($2)])
        }
        var extra: [JSONValue] = [["name": "fileSize", "value": size]]
        if let next { extra.append(["name": "nextOffset", "value": next]) }
        let body: JSONValue = ["data": .array(items), "metadata": ["extraInfo": .array(extra)]]
        return try PrismReply(HTTPReply(status: 200, headers: [], body: body.text), of: PrismCall(path: "/"))
    }

    @Test("pages are joined, neighbours merged, the last region cut at the end, digits read as numbers")
    func joined() throws {
        var pager = RegionPager(size: 1000)
        try pager.take(
            try page([(0, 100, "REGULAR"), (100, 50, "REGULAR"), (150, 50, "ZEROED")], next: "400", size: "1000"))
        #expect(pager.next == 400)
        try pager.take(try page([(900, 4096, "REGULAR"), (5000, 10, "REGULAR")], next: 0))
        #expect(pager.next == nil)
        #expect(
            pager.regions == [
                .init(ByteRange(0, 150), isZero: false), .init(ByteRange(150, 200), isZero: true),
                .init(ByteRange(900, 1000), isZero: false),
            ])
    }

    @Test("nothing changed is no region at all", arguments: [nil, 0, 1000, 5000])
    func nothing(next: Int?) throws {
        var pager = RegionPager(size: 1000)
        try pager.take(try page([], next: next.map { .integer(Int64($0)) }))
        #expect(pager.next == nil)
        #expect(pager.regions.isEmpty)
    }

    @Test("every broken rule is found")
    func broken() throws {
        let wrong: [PrismReply] = [
            try page([(200, 10, "REGULAR"), (100, 10, "REGULAR")], next: 0),
            try page([(100, 20, "REGULAR"), (110, 20, "REGULAR")], next: 0),
            try page([(10, 0, "REGULAR")], next: 0),
            try page([(-5, 10, "REGULAR")], next: 0), try page([(5, 10, "MAYBE")], next: 0),
            try page([], next: 0, size: 2000),
            try page([], next: 0, size: .null),
        ]
        for reply in wrong {
            var pager = RegionPager(size: 1000)
            #expect(throws: PrismError.self) { try pager.take(reply) }
        }
        var pager = RegionPager(size: 1000)
        try pager.take(try page([], next: 400))
        #expect(throws: PrismError.self) { try pager.take(try page([], next: 400)) }
        var early = RegionPager(size: 1000)
        try early.take(try page([], next: 400))
        #expect(throws: PrismError.self) { try early.take(try page([(100, 10, "REGULAR")], next: 0)) }
    }
}
