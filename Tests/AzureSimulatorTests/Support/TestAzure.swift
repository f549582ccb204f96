import AzureSimulator
import Foundation

/// A running simulator, and requests to it that are signed as they should be.
struct TestAzure: Sendable {
    let server: AzureSimulator

    static let account = AzureSettings.Account.development
    static let tenant = AzureSettings().tenant

    /// Runs a body with a simulator of its own, which has the container `cont`.
    static func run(_ settings: AzureSettings = AzureSettings(), _ body: (TestAzure) async throws -> Void) async throws
    {
        let azure = TestAzure(server: try await AzureSimulator.start(settings))
        do {
            let made = try await azure.call("PUT", "cont?restype=container")
            guard made.status == 201 else { throw TestFailure(reason: "no container: \(made.text)") }
            azure.server.clearRequests()
            try await body(azure)
        } catch {
            await azure.server.stop()
            throw error
        }
        await azure.server.stop()
    }

    /// One request to the account, signed with its key.
    ///
    /// - Parameter target: below the account, percent-encoded: `cont/blob?comp=block`.
    func call(
        _ method: String, _ target: String, _ headers: [String: String] = [:], _ body: [UInt8] = [],
        date: Date = Date(), version: String? = "2021-12-02"
    ) async throws -> RawAnswer {
        let (path, fields) = prepared(method, target, headers, body, date, version)
        let signature = TestSigner.sharedKey(method, path, fields, key: Self.account.keys[0])
        return try await send(
            method, path, fields.merging(["authorization": "SharedKey \(Self.account.name):\(signature)"]) { $1 }, body)
    }

    /// One request to the account without a signature; `headers` may hold another authorization.
    func bare(
        _ method: String, _ target: String, _ headers: [String: String] = [:], _ body: [UInt8] = [],
        version: String? = "2021-12-02"
    ) async throws -> RawAnswer {
        let (path, fields) = prepared(method, target, headers, body, Date(), version)
        return try await send(method, path, fields, body)
    }

    /// One request to a path of the server, with just these fields and the length.
    func send(
        _ method: String, _ path: String, _ headers: [String: String], _ body: [UInt8] = []
    ) async throws -> RawAnswer {
        guard let answer = try await attempt(method, path, headers, body) else {
            throw TestFailure(reason: "the connection was closed")
        }
        return answer
    }

    /// The same; nil when the connection ends without an answer.
    func attempt(
        _ method: String, _ path: String, _ headers: [String: String], _ body: [UInt8] = []
    ) async throws -> RawAnswer? {
        var text = "\(method) \(path) HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\nconnection: close\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return try await RawHTTP.exchange(port: server.port, Array((text + "\r\n").utf8) + body)
    }

    func prepared(
        _ method: String, _ target: String, _ headers: [String: String], _ body: [UInt8], _ date: Date,
        _ version: String?
    ) -> (path: String, headers: [String: String]) {
        var fields = headers
        fields["x-ms-version"] = version
        fields["x-ms-date"] = TestSigner.httpDate(date)
        if fields["content-length"] == nil, method != "GET", method != "HEAD" {
            fields["content-length"] = "\(body.count)"
        }
        return ("/\(Self.account.name)" + (target.isEmpty ? "" : target.first == "?" ? target : "/\(target)"), fields)
    }

    /// Puts a block blob in one piece.
    @discardableResult
    func put(_ name: String, _ body: [UInt8], _ headers: [String: String] = [:]) async throws -> RawAnswer {
        try await call("PUT", "cont/\(name)", headers.merging(["x-ms-blob-type": "BlockBlob"]) { $1 }, body)
    }

    /// Makes a page blob.
    @discardableResult
    func makePages(_ name: String, size: Int, _ headers: [String: String] = [:]) async throws -> RawAnswer {
        let own = ["x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": "\(size)"]
        return try await call("PUT", "cont/\(name)", headers.merging(own) { $1 })
    }

    /// Writes pages, or clears them when there are no bytes.
    func page(_ name: String, _ range: ClosedRange<Int>, _ byte: UInt8?, _ headers: [String: String] = [:]) async throws
        -> RawAnswer
    {
        let own = [
            "x-ms-page-write": byte == nil ? "clear" : "update",
            "x-ms-range": "bytes=\(range.lowerBound)-\(range.upperBound)",
        ]
        let body = byte.map { [UInt8](repeating: $0, count: range.count) } ?? []
        return try await call("PUT", "cont/\(name)?comp=page", own.merging(headers) { $1 }, body)
    }
}
