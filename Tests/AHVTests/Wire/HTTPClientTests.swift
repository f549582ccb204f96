import LoopbackPorts
import Testing
import Wire

@Suite("HTTP transfers")
struct HTTPClientTests {
    private func kind(of work: () async throws(WireError) -> Void) async -> WireError.Kind? {
        do {
            try await work()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("nobody listening is `unreachable`, one that never answers `timedOut`, a strange address `configuration`")
    func nobody() async throws {
        let client = HTTPClient(trust: .pinned([]))
        let port = UInt16(try LoopbackPort.unused())
        #expect(
            await kind { () async throws(WireError) in
                _ = try await client.send(HTTPRequest(method: "GET", url: "https://127.0.0.1:\(port)/"))
            } == .unreachable)
        let silent = try SilentServer()
        for url in ["https://127.0.0.1:\(silent.port)/", "http://127.0.0.1:\(silent.port)/"] {
            #expect(
                await kind { () async throws(WireError) in
                    _ = try await client.send(HTTPRequest(method: "GET", url: url, timeout: .milliseconds(200)))
                } == .timedOut)
        }
        for url in ["ftp://127.0.0.1/", "file:///etc/passwd", "https://[::1"] {
            #expect(
                await kind { () async throws(WireError) in
                    _ = try await client.send(HTTPRequest(method: "GET", url: url))
                } == .configuration, "\(url)")
        }
    }

    @Test("a cancelled task aborts its transfer")
    func cancelled() async throws {
        let silent = try SilentServer()
        let port = silent.port
        let transfer = Task {
            try await HTTPClient(trust: .pinned([])).send(
                HTTPRequest(method: "GET", url: "http://127.0.0.1:\(port)/", timeout: .seconds(600)))
        }
        transfer.cancel()
        let error = await Result { try await transfer.value }.error as? WireError
        #expect(error?.kind == .cancelled)
    }

    @Test("a header with a line break in it is refused")
    func brokenHeader() async throws {
        let client = HTTPClient(trust: .systemAuthorities)
        let request = HTTPRequest(
            method: "GET", url: "https://127.0.0.1:1/", headers: [HTTPHeader("Cookie", "a\r\nX-Other: b")])
        #expect(await kind { () async throws(WireError) in _ = try await client.send(request) } == .configuration)
    }

    @Test("a pinned server is asked for nothing unless its certificate is the pinned one")
    func pins() async throws {
        let lab = try await SimulatedLab.start()
        let seen = try await HTTPClient.fingerprint(of: lab.central, connectTimeout: .seconds(10))
        #expect(seen.description == lab.fingerprint)
        let path = lab.central + "/api/clustermgmt/v4.2/config/clusters"
        let stranger = HTTPClient(trust: .pinned([]))
        #expect(
            await kind { () async throws(WireError) in
                _ = try await stranger.send(HTTPRequest(method: "GET", url: path))
            } == .untrusted(seen: seen))
        let friend = HTTPClient(trust: .pinned([seen]))
        for _ in 0..<3 { #expect(try await friend.send(HTTPRequest(method: "GET", url: path)).status == 401) }
        #expect(try await friend.send(HTTPRequest(method: "POST", url: path)).status == 401)
        await lab.tearDown()
    }

    @Test("a reply longer than its limit is `tooLarge`")
    func tooLarge() async throws {
        let lab = try await SimulatedLab.start()
        let seen = try #require(CertificateFingerprint(lab.fingerprint))
        let request = HTTPRequest(
            method: "GET", url: lab.central + "/api/clustermgmt/v4.2/config/clusters",
            headers: [HTTPHeader("X-ntnx-api-key", "lab-key-1")], maximumReplyBytes: 100)
        #expect(
            await kind { () async throws(WireError) in
                _ = try await HTTPClient(trust: .pinned([seen])).send(request)
            } == .tooLarge)
        await lab.tearDown()
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }

    fileprivate var error: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }
}
