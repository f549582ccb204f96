/// One disturbance of requests, as data. Several of its effects may be set at once.
package struct Fault: Sendable, Equatable {
    /// What is hit: the name of an operation such as `PutBlob` (see `docs/guides/azure-simulator.md`), or `*` for all.
    package var operation: String
    /// Only requests whose container and blob, joined by `/`, contain this.
    package var path: String?
    /// How many requests pass before the first that is hit.
    package var skip = 0
    /// How many are hit.
    package var count = Int.max

    /// The status to answer instead; nil lets the request through.
    package var status: Int?
    /// The error's code.
    package var code = "InternalError"
    /// The error's text; nil says that it was asked for.
    package var message: String?
    /// Seconds in a `Retry-After` field.
    package var retryAfter: Int?
    /// The operation is done first; only its answer is replaced by the error, or lost.
    package var isDone = false
    /// The request waits that long first.
    package var seconds = 0.0
    /// The connection is closed after that many bytes of the request's body were read; nothing is done.
    package var cutRequest: Int?
    /// The connection is closed after that many bytes of the answer's body were sent.
    package var cutAnswer: Int?
    /// The connection is closed without an answer.
    package var closes = false
    /// The request is accepted, and the operation of Azure Resource Manager that it starts fails at its end.
    package var failsLater = false
    /// A list answers with at most that many entries, which may be none, and a marker to go on from.
    package var listLimit: Int?

    package init(operation: String = "*", path: String? = nil, skip: Int = 0, count: Int = .max) {
        self.operation = operation
        self.path = path
        self.skip = skip
        self.count = count
    }

    /// Requests seen since it was set.
    var seen = 0

    /// The answer it gives in place of the real one.
    var error: AzureError? {
        guard let status else { return nil }
        var error = failure
        error.status = status
        return retryAfter.map { error.sending("Retry-After", "\($0)") } ?? error
    }

    /// What an operation that goes on after its request ends with.
    var failure: AzureError { AzureError(409, code, message ?? "The simulated fault that was asked for.") }
}
