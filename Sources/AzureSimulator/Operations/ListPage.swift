/// Which part of a list is asked for.
struct ListPage: Sendable {
    /// The first name of this page; empty from the start.
    let start: String
    /// The most entries of this page.
    let size: Int

    /// - Parameter limit: fewer entries than are asked for.
    /// - Throws: `AzureError`, when marker or size are wrong.
    init(_ call: Call, limit: Int?) throws(AzureError) {
        let text = call.parameter("maxresults")
        guard let asked = text.map({ Int($0) }) ?? 5000 else { throw .invalidQuery("maxresults", text ?? "") }
        guard asked > 0 else { throw .outOfRangeQuery("maxresults", "\(asked)") }
        size = min(asked, 5000, limit ?? .max)
        let marker = call.parameter("marker") ?? ""
        if marker.isEmpty {
            start = ""
        } else {
            guard marker.hasPrefix("2!"),
                let bytes = Base64.decode(String(marker.dropFirst(2)).replacing("-", with: "=")),
                let name = String(validating: bytes, as: UTF8.self)
            else { throw .invalidQuery("marker", marker) }
            start = name
        }
    }

    /// The marker of a page that starts with that name. Clients must not look into it.
    static func marker(_ name: String) -> String { "2!" + Base64.encode(Array(name.utf8)).replacing("=", with: "-") }

    /// What clients take from the answer for their next request.
    func echo(_ call: Call, into list: inout XMLText) {
        list.element("Prefix", call.parameter("prefix"))
        list.element("Marker", call.parameter("marker"))
        list.element("MaxResults", call.parameter("maxresults"))
        list.element("Delimiter", call.parameter("delimiter"))
    }
}
