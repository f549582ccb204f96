import Testing

@testable import PrismSimulator

@Suite("Pages")
struct PageTests {
    private let items: [JSONValue] = (0..<120).map { ["name": .string("vm-\($0)"), "size": .int($0 % 7)] }

    private func page(_ query: [String: String]) throws -> Page {
        try Page.of(items, fields: ["name", "size"], query: query)
    }

    @Test("without options the first fifty come")
    func standard() throws {
        let page = try page([:])
        #expect(page.items.count == 50 && page.total == 120 && !page.isLast && page.lastNumber == 2)
    }

    @Test("pages cover a list without gap or overlap, and one beyond the end is empty")
    func cover() throws {
        let pages = try (0..<4).map { try page(["$page": "\($0)", "$limit": "35"]) }
        #expect(pages.map(\.items.count) == [35, 35, 35, 15])
        #expect(pages.flatMap(\.items) == items && pages[3].isLast)
        #expect(try page(["$page": "9"]).items.isEmpty)
    }

    @Test("the total counts what the filter left")
    func total() throws {
        let page = try page(["$filter": "size eq 3", "$limit": "1"])
        #expect(page.total == 17 && page.items.count == 1)
    }

    @Test("order is by one field, then the next, and stable")
    func order() throws {
        let sorted = try page(["$orderby": "size desc,name", "$limit": "100"]).items
        #expect(sorted.first?["size"] == 6 && sorted.first?["name"] == "vm-104")
        #expect(sorted.map { $0["size"]?.int ?? 0 } == sorted.map { $0["size"]?.int ?? 0 }.sorted(by: >))
    }

    @Test(
        "options outside their range are refused with 400",
        arguments: [
            ["$limit": "0"], ["$limit": "101"], ["$limit": "x"], ["$page": "-1"], ["$filter": "size eq"],
            ["$filter": "secret eq 1"], ["$orderby": "name sideways"],
        ])
    func refused(_ query: [String: String]) {
        let error = #expect(throws: APIError.self) { try page(query) }
        #expect(error?.status == 400)
    }
}
