/// The answers of writes by their `NTNX-Request-Id`, so that a repeated write gets the first one's answer.
struct ReplayCache: Sendable {
    private var answers: [String: WebResponse] = [:]
    private var order: [String] = []

    subscript(_ key: String) -> WebResponse? { answers[key] }

    mutating func keep(_ answer: WebResponse, for key: String) {
        if answers.updateValue(answer, forKey: key) == nil { order.append(key) }
        if order.count > 2000 { answers[order.removeFirst()] = nil }
    }

    static func key(_ request: WebRequest, id: String) -> String { "\(id) \(request.method) \(request.rawPath)" }
}
