/// One page of a list: the OData options applied.
struct Page: Sendable {
    var items: [JSONValue]
    var total: Int
    var number: Int
    var limit: Int

    var isLast: Bool { (number + 1) * limit >= total }
    var lastNumber: Int { max(0, (total - 1) / limit) }

    /// Filters, orders and cuts.
    ///
    /// - Throws: `APIError` with 400 when an option is malformed or names a field that is not declared.
    static func of(_ all: [JSONValue], fields: [String], query: [String: String]) throws(APIError) -> Page {
        let number = try option("$page", in: query, standard: 0, allowed: 0...1_000_000)
        let limit = try option("$limit", in: query, standard: 50, allowed: 1...100)
        var items = all
        if let text = query["$filter"], !text.isEmpty {
            let filter: Filter
            do {
                filter = try FilterParser.parse(text)
            } catch {
                throw .query("$filter", error.reason)
            }
            for field in filter.fields where !fields.contains(field) {
                throw .query("$filter", "\(field) is not a field that can be filtered on")
            }
            items = items.filter(filter.matches)
        }
        if let order = query["$orderby"], !order.isEmpty { items = try ordered(items, by: order) }
        let start = min(items.count, number * limit)
        return Page(
            items: Array(items[start..<min(items.count, start + limit)]), total: items.count, number: number,
            limit: limit)
    }

    private static func option(
        _ name: String, in query: [String: String], standard: Int, allowed: ClosedRange<Int>
    ) throws(APIError) -> Int {
        guard let text = query[name] else { return standard }
        guard let value = Int(text), allowed.contains(value) else {
            throw .query(name, "must be a number from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return value
    }

    private static func ordered(_ items: [JSONValue], by order: String) throws(APIError) -> [JSONValue] {
        var output = items
        for term in order.split(separator: ",").reversed() {
            let words = term.split(separator: " ")
            guard let name = words.first, words.count <= 2, words.count == 1 || ["asc", "desc"].contains(words[1])
            else {
                throw .query("$orderby", "must be a field, then asc or desc")
            }
            let descending = words.count == 2 && words[1] == "desc"
            let path = name.split(separator: "/").joined(separator: ".")
            let keyed = output.enumerated().map { ($0.offset, $0.element.at(path), $0.element) }
            output = keyed.sorted { left, right in
                if let first = left.1, let second = right.1 {
                    if Filter.Comparison.lt.holds(first, second) { return !descending }
                    if Filter.Comparison.lt.holds(second, first) { return descending }
                }
                return left.0 < right.0
            }.map(\.2)
        }
        return output
    }
}
