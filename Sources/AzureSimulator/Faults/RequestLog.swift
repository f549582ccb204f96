import Synchronization

/// One request that was answered; without secrets: neither query nor header fields are kept.
package struct RequestRecord: Sendable, Equatable, Codable {
    package var method: String
    /// Without query.
    package var path: String
    /// Empty when the request names no operation.
    package var operation: String
    /// How it was authorized: `SharedKey`, `AccountSAS`, `ServiceSAS`, `DelegationSAS`, `DiskSAS`, `Bearer`, or `none`.
    package var authorization: String
    /// 0 when the connection was closed without an answer.
    package var status: Int
    /// `x-ms-error-code`, empty when there is none.
    package var code: String
}

extension RequestRecord {
    /// A request that is not answered yet.
    init(_ call: Call) {
        self.init(
            method: call.method, path: call.rawPath, operation: "", authorization: Grant.Kind.none.rawValue, status: 0,
            code: "")
    }
}

/// The last requests.
final class RequestLog: Sendable {
    private static let limit = 100_000
    private let records = Mutex<[RequestRecord]>([])

    var all: [RequestRecord] { records.withLock { $0 } }

    func add(_ record: RequestRecord) {
        records.withLock { records in
            if records.count >= Self.limit { records.removeFirst(Self.limit / 2) }
            records.append(record)
        }
    }

    func clear() { records.withLock { $0 = [] } }
}
