import Engine
import Testing

@testable import HostKit

@Suite("Configuration")
struct HostConfigurationTests {
    static func configuration(_ yaml: String, home: String? = "/home/test") throws -> HostConfiguration {
        let file = ConfigFile(path: "/etc/ahvault/ahvault.yaml", setting: try Setting(yaml: yaml, file: "a.yaml"))
        return try HostConfiguration(file) { $0 == "HOME" ? home : nil }
    }

    @Test("a job is kept as it was written, for the manifests of its restore points")
    func snapshot() throws {
        let configuration = try Self.configuration(
            """
            sources: { lab: { type: ahv } }
            repositories: { main: { target: { type: local } } }
            jobs:
              nightly:
                source: lab
                repository: main
                vms: { names: [a, b] }
                schedule: "daily 22:30"
                keep: { last: 7 }
            """)
        let job = try #require(configuration.jobs.value(named: "nightly"))
        #expect(
            job.snapshot(name: "nightly") == [
                "name": "nightly", "source": "lab", "repository": "main", "vms": ["names": ["a", "b"]],
                "schedule": "daily 22:30", "keep": ["last": "7"],
            ])
        #expect(job.dormant == ["schedule"])
        #expect(job.keep?.last == 7)
        #expect(job.parallel == 2)
        #expect(job.consistency == .crash)
    }

    @Test("the cache is the user's unless the configuration names a folder, which may be relative to it")
    func cache() throws {
        #expect(try Self.configuration("").cache.path == "/home/test/.cache/ahvault")
        #expect(try Self.configuration("cache: /var/cache/x").cache.path == "/var/cache/x")
        #expect(try Self.configuration("cache: x", home: nil).cache.path == "/etc/ahvault/x")
        #expect(throws: EngineError.self) { try Self.configuration("", home: nil) }
    }

    @Test("the only entry need not be named; among several one must be")
    func chosen() throws {
        let one = try Self.configuration("repositories: { a: { target: { type: local } } }")
        #expect(try one.repositories.chosen(nil, option: "--repository").name == "a")
        let two = try Self.configuration(
            "repositories: { a: { target: { type: local } }, b: { target: { type: local } } }")
        #expect(try two.repositories.chosen("b", option: "--repository").name == "b")
        let error = #expect(throws: EngineError.self) { try two.repositories.chosen(nil, option: "--repository") }
        #expect(error?.description == "choose a repository with --repository; configured: a, b")
        let wrong = #expect(throws: EngineError.self) { try two.repositories.chosen("c", option: "--repository") }
        #expect(wrong?.description == "--repository: no repository `c`; configured: a, b")
    }

    @Test("codec, index and chunk size have defaults")
    func defaults() throws {
        let configuration = try Self.configuration("repositories: { a: { target: { type: local } } }")
        let settings = try #require(configuration.repositories.value(named: "a"))
        #expect(settings.codec.type == "zstd")
        #expect(settings.index.type == "disk")
        #expect(settings.chunkSize.bytes == 65_536)
    }

    @Test(
        "sizes are read with their units",
        arguments: [("65536", 65_536), ("64KiB", 65_536), ("1 MiB", 1 << 20), ("0", 0)])
    func sizes(text: String, bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test("what is no size is none", arguments: ["", "KiB", "64kb", "-1", "1.5MiB", "99999999999999TiB", "٣KiB"])
    func noSizes(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test("a proxy's name follows machine and cache folder, and shows neither")
    func identity() {
        let id = "0123456789abcdef0123456789abcdef"
        let first = ProxyIdentity(machineID: id, hostName: "a", cache: "/c")
        #expect(first == ProxyIdentity(machineID: id, hostName: "a", cache: "/c"))
        #expect(first != ProxyIdentity(machineID: id, hostName: "a", cache: "/d"))
        #expect(first != ProxyIdentity(machineID: nil, hostName: "a", cache: "/c"))
        #expect(first.name.count == 12)
        #expect(!first.name.contains("0123456"))
    }

    @Test(
        "schedules",
        arguments: [
            ("hourly", Schedule.Rule.hourly(minute: 0)), ("hourly :15", .hourly(minute: 15)),
            ("daily 22:30", .daily(hour: 22, minute: 30)), ("weekly Sat 3:00", .weekly(.sat, hour: 3, minute: 0)),
            ("monthly 28 00:00", .monthly(day: 28, hour: 0, minute: 0)),
        ])
    func schedules(text: String, rule: Schedule.Rule) {
        #expect(Schedule(text)?.rule == rule)
    }

    @Test(
        "what is no schedule is none",
        arguments: [
            "", "daily", "daily 24:00", "daily 12:60", "daily 12", "weekly 12:00", "monthly 31 12:00", "hourly 5",
        ])
    func noSchedules(text: String) {
        #expect(Schedule(text) == nil)
    }
}
