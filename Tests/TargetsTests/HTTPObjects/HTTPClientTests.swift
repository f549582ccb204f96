import Engine
import EngineContracts
import Testing
import Wire

@Suite("What object stores need of the HTTP client", .timeLimit(.minutes(20)))
struct HTTPClientTests {
    private let client = HTTPClient(trust: .systemAuthorities, threads: .bulk, connections: 4)

    private func request(_ relay: HTTPRelay, _ method: String) -> HTTPRequest {
        HTTPRequest(method: method, url: relay.endpoint + "/x?secret=1")
    }

    @Test("an empty PUT tells its length, and nothing is added that was not asked for")
    func empty() async throws {
        let relay = try HTTPRelay(to: nil, [.init("PUT", "", .answer(201), times: 9)])
        #expect(try await client.send(request(relay, "PUT")).status == 201)
        let head = try #require(relay.requests.first).head.lowercased()
        #expect(head.contains("content-length: 0"))
        for word in ["expect:", "content-type:", "transfer-encoding:", "100-continue"] { #expect(!head.contains(word)) }
    }

    @Test("a body is sent from where it lies, whole, without waiting for permission")
    func memory() async throws {
        let relay = try HTTPRelay(to: nil, [.init("PUT", "", .answer(200), times: 9)])
        let content = Buffer(SampleBytes.random(5 << 20, seed: 1))
        var request = request(relay, "PUT")
        let all = UnsafeRawBufferPointer(start: content.memory.baseAddress, count: content.count)
        request.memory = BorrowedBytes(all, of: content).part(17..<(4 << 20))
        #expect(try await client.send(request).status == 200)
        let seen = try #require(relay.requests.first)
        #expect(seen.body == Array(content.array[17..<(4 << 20)]))
        #expect(!seen.head.lowercased().contains("expect:"))
    }

    @Test("a reply goes into the room it was given, a refusal does not, and too much is refused")
    func space() async throws {
        let relay = try HTTPRelay(
            to: nil,
            [
                .init("GET", "", .answer(206, body: "0123456789")), .init("GET", "", .answer(404, body: "not here")),
                .init("GET", "", .answer(200, body: "01234567890")),
            ])
        let room = Buffer(capacity: 10)
        var request = request(relay, "GET")
        request.space = BorrowedSpace(room.memory, of: room)
        let first = try await client.send(request)
        #expect(first.received == 10 && first.body.isEmpty && first.isSuccess)
        #expect(Array(room.memory) == Array("0123456789".utf8))
        let second = try await client.send(request)
        #expect(second.status == 404 && second.received == 0 && second.body == Array("not here".utf8))
        let error = await #expect(throws: WireError.self) { try await client.send(request) }
        #expect(error?.kind == .tooLarge && error?.message.contains("secret") == false)
    }

    @Test("requests that follow each other share a connection")
    func reuse() async throws {
        let relay = try HTTPRelay(
            to: nil,
            ["GET", "PUT", "HEAD", "DELETE", "POST"].map { HTTPRelay.Rule($0, "", .answer(200, body: "ok"), times: 9) })
        for method in ["GET", "PUT", "HEAD", "GET", "DELETE", "POST", "GET"] {
            #expect(try await client.send(request(relay, method)).status == 200)
        }
        #expect(relay.connections == 1)
    }

    @Test("an exchange in which nothing moves ends")
    func stall() async throws {
        let relay = try HTTPRelay(to: nil, [.init("GET", "", .hang)])
        var request = request(relay, "GET")
        request.stall = .seconds(1)
        let error = await #expect(throws: WireError.self) { try await client.send(request) }
        #expect(error?.kind == .timedOut)
    }
}
