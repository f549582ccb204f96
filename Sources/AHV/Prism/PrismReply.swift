import Engine
import Wire

/// A successful answer of Prism, opened.
struct PrismReply: Sendable {
    let data: JSONValue?
    let metadata: JSONValue?
    let etag: String?

    /// - Throws: what a reply of any other status than 2xx means.
    init(_ reply: HTTPReply, of call: PrismCall) throws(PrismError) {
        guard (200..<300).contains(reply.status) else { throw PrismFault.read(reply, of: call) }
        // Some front ends rename the header.
        etag = reply.value(of: "ETag") ?? reply.value(of: "X-Ntnx-Etag")
        if reply.body.allSatisfy({ $0 <= 0x20 }) {
            data = nil
            metadata = nil
        } else {
            let envelope = try JSONReader.parse(reply.body)
            data = envelope["data"]
            metadata = envelope["metadata"]
        }
    }

    /// The items of a list: an empty one may be absent.
    var items: [JSONValue] { data?.array ?? [] }

    var total: Int? { (metadata?["totalAvailableResults"]?.integer).flatMap { Int(exactly: $0) } }

    func flag(_ name: String) -> Bool {
        (metadata?["flags"]?.array ?? []).contains { $0["name"]?.string == name && $0["value"]?.bool == true }
    }

    /// Positions of the items that the server had to cut short. All of them, when it does not say which.
    var truncatedPositions: [Int] {
        guard flag("isTruncated") else { return [] }
        let told = extra("truncatedIndexes")
        let texts = told?.string.map { $0.split(separator: ",").map { $0.filter(\.isNumber) } } ?? []
        let numbers = (told?.array ?? []).compactMap(\.integer) + [told?.integer].compactMap { $0 }
        let positions = Set(texts.compactMap { Int($0) } + numbers.compactMap { Int(exactly: $0) })
        let known = positions.filter { items.indices.contains($0) }.sorted()
        return known.isEmpty ? Array(items.indices) : known
    }

    func extra(_ name: String) -> JSONValue? {
        (metadata?["extraInfo"]?.array ?? []).first { $0["name"]?.string == name }?["value"]
    }

    /// The task that a write started.
    func taskID(of call: PrismCall) throws(PrismError) -> String {
        guard let id = data?.extID else {
            throw PrismError(.failed, "\(call.title): Prism answered without the id of a task")
        }
        return id
    }
}

/// Prism's refusals in words.
enum PrismFault {
    static func read(_ reply: HTTPReply, of call: PrismCall) -> PrismError {
        let entries = messages(reply)
        let codes = entries.compactMap { $0["code"]?.string }
        let groups = entries.compactMap { $0["errorGroup"]?.string }
        let isFromPrism = !entries.isEmpty
        let (kind, advice) = meaning(reply.status, isFromPrism)
        let words = entries.isEmpty ? "HTTP status \(reply.status)" : texts(entries) + " (HTTP status \(reply.status))"
        return PrismError(
            kind, "\(call.title): \(words)\(advice.isEmpty ? "" : "; \(advice)")", status: reply.status, codes: codes,
            groups: groups, isRetryable: [408, 429, 500, 502, 503, 504].contains(reply.status))
    }

    /// Code, group and text of each message.
    static func texts(_ messages: [JSONValue]) -> String {
        messages.prefix(5).map { entry in
            let code = [entry["code"]?.string, entry["errorGroup"]?.string].compactMap { $0 }.filter { !$0.isEmpty }
            let place = entry["attributePath"]?.string.map { " at \($0)" } ?? ""
            let text = (entry["message"]?.string ?? "no text") + place
            return code.isEmpty ? text : code.joined(separator: " ") + ": " + text
        }.joined(separator: "; ")
    }

    private static func messages(_ reply: HTTPReply) -> [JSONValue] {
        guard let envelope = try? JSONReader.parse(reply.body), let error = envelope["data"]?["error"] else {
            return []
        }
        if case .object = error {
            let details = error["validationErrorMessages"]?.array ?? []
            return details.isEmpty
                ? [["message": .string(error["error"]?.string ?? "the request was refused")]] : details
        }
        return error.array
    }

    private static func meaning(_ status: Int, _ isFromPrism: Bool) -> (EngineError.Kind, String) {
        switch status {
        case 400, 422: (.failed, "this version of Prism may not know the request")
        case 401: (.denied, "check user name and password, or the API key")
        case 403: (.denied, "give the account the role Backup Admin")
        case 404 where isFromPrism: (.notFound, "")
        case 404: (.unsupported, "this address does not serve the call: is it Prism Central?")
        case 408, 504: (.timedOut, "")
        case 409: (.alreadyExists, "something of that name exists, or another task holds it")
        case 429: (.rateLimited, "lower `requestsPerSecond` of the source")
        case 501: (.unsupported, "the call belongs to Prism Element")
        case 502, 503: (.unreachable, "Prism is not ready")
        default: (.failed, "")
        }
    }
}
