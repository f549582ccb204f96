import Engine
import EngineContracts
import Glibc
import Logging
import Testing
import WebDAV

@Suite("The WebDAV target", .enabled(if: RcloneServer.program != nil || getenv("CI") != nil, "needs rclone"))
struct WebDAVTests {
    private let server: RcloneServer

    init() throws {
        server = try RcloneServer(try #require(RcloneServer.program, "rclone is missing"))
    }

    @Test("it keeps each promise of targets, against a real server", arguments: TargetContract.cases)
    func promise(_ one: TargetContract.Case) async throws {
        try await one.run { try Self.target(server.url + "/repository") }
    }

    @Test("it keeps each promise of plug-ins", arguments: PluginContract.cases)
    func pluginPromise(_ one: PluginContract.Case) async throws {
        try await one.run(PluginSubject(WebDAVTarget.self))
    }

    @Test("a server that is not there is an error that may pass by itself")
    func unreachable() async throws {
        let target = try Self.target("http://127.0.0.1:9/repository")
        let error = await #expect(throws: EngineError.self) { try await target.open() }
        #expect(error?.kind == .unreachable)
        #expect(error?.isRetryable == true)
    }

    @Test("drafts are no objects, and a sweep leaves those that may be at work")
    func drafts() async throws {
        let target = try Self.target(server.url + "/repository")
        try await target.open()
        try await target.put(ObjectKey("a/b"), Buffer([1]))
        #expect(try await target.sweep() == 0)
        #expect(try await target.list(prefix: "").map(\.key.text) == ["a/b"])
        await target.close()
    }

    private static func target(_ url: String) throws -> WebDAVTarget {
        let entry = Setting.Entry(key: "url", place: "test:1:1", value: Setting(.scalar(url), at: "test:1:1"))
        return try WebDAVTarget(
            .decode(Setting(.map([entry]), at: "test:1:1")), in: PluginContext(logger: Logger(label: "test")))
    }
}
