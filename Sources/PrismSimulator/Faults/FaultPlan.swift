/// The faults of calls that are set, and how often each was passed.
struct FaultPlan: Sendable {
    private(set) var faults: [Fault]

    init(_ faults: [Fault]) { self.faults = faults }

    mutating func add(_ fault: Fault) { faults.append(fault) }

    mutating func clear() { faults = [] }

    /// Counts one call of an operation.
    ///
    /// - Returns: the faults that hit it.
    mutating func hits(_ operation: String) -> [Fault] {
        var hits: [Fault] = []
        for index in faults.indices where faults[index].operation == operation || faults[index].operation == "*" {
            faults[index].seen += 1
            if (faults[index].first...faults[index].last).contains(faults[index].seen) { hits.append(faults[index]) }
        }
        return hits
    }
}

extension Fault {
    /// The answer the fault gives in place of the real one; nil when it has no status.
    var error: APIError? {
        guard let status else { return nil }
        switch body {
        case .message: return .message(status, code, group, message)
        case .schema:
            return APIError(
                status: status, body: .schema([.init(path: "", message: message)], location: "request body"))
        case .empty: return APIError(status: status, body: .empty)
        case .html:
            return APIError(status: status, body: .text("<html><body>\(message)</body></html>", type: "text/html"))
        }
    }
}
