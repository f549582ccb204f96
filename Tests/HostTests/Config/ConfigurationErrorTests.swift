import Engine
import Logging
import Testing

@testable import HostKit

@Suite("Mistakes in a configuration")
struct ConfigurationErrorTests {
    /// What is said about a configuration, and an empty text when nothing is wrong.
    static func complaint(about yaml: String) -> String {
        do throws(EngineError) {
            let file = ConfigFile(path: "ahvault.yaml", setting: try Setting(yaml: yaml, file: "ahvault.yaml"))
            let configuration = try HostConfiguration(file) { ["HOME": "/home/test"][$0] }
            try configuration.check(
                with: .builtin,
                in: PluginContext(
                    logger: Logger(label: "test"), baseDirectory: "/", cacheDirectory: configuration.cache.path))
            return ""
        } catch {
            #expect(error.kind == .configuration)
            return error.description
        }
    }

    static let repository = "repositories:\n  main: { target: { type: local, path: /srv } }\n"
    static let source = "sources:\n  lab: { type: ahv, endpoint: 'https://pc:9440', apiKey: 'env:KEY' }\n"

    @Test("the empty configuration is fine")
    func empty() {
        #expect(Self.complaint(about: "") == "")
        #expect(Self.complaint(about: "sources:\nrepositories: {}\njobs: ~\n") == "")
    }

    @Test("a key that nobody knows is refused with its place and the known ones")
    func unknownKeys() {
        #expect(
            Self.complaint(about: "source:\n  lab: {}\n")
                == "ahvault.yaml:1:1: unknown key `source`; known keys: azure, cache, exports, jobs, proxy, repositories, "
                + "sources, timeZone")
        #expect(
            Self.complaint(about: "repositories:\n  main: { target: { type: local, pth: /srv } }\n")
                == "local › ahvault.yaml:2:34: unknown key `pth`; known keys: fsync, path")
        #expect(
            Self.complaint(about: "repositories:\n  main:\n    target: { type: local, path: /srv }\n    size: 1\n")
                == "ahvault.yaml:4:5: unknown key `size`; known keys: chunkSize, chunker, codec, encryption, "
                + "index, keep, layers, parity, prune, target"
        )
        #expect(
            Self.complaint(
                about: Self.source + Self.repository
                    + "jobs:\n  nightly:\n    source: lab\n    repository: main\n    vms: { name: [a] }\n")
                == "ahvault.yaml:9:12: unknown key `name`; known keys: categories, exclude, names")
    }

    @Test("a key that is given twice is refused")
    func duplicates() {
        #expect(Self.complaint(about: "cache: /a\ncache: /b\n").contains("`cache` is given twice"))
        #expect(Self.complaint(about: "cache: /a\ncache: /b\n").hasPrefix("ahvault.yaml:1:1: "))
        #expect(
            Self.complaint(about: "sources:\n  1: { type: ahv }\n  '1': { type: ahv }\n")
                == "ahvault.yaml:3:3: `1` is given twice")
    }

    @Test("what is no YAML is refused with its place")
    func syntax() {
        #expect(Self.complaint(about: "sources: {\n  lab: [\n").hasPrefix("ahvault.yaml:3:1: "))
        #expect(Self.complaint(about: "sources:\n\t- a\n").hasPrefix("ahvault.yaml:2:1: "))
        #expect(Self.complaint(about: "[a, b]: c\n") == "ahvault.yaml:1:1: a key must be a word")
        #expect(
            Self.complaint(about: "- a\n")
                == "ahvault.yaml:1:1: this block must be a list of `key: value` pairs, not a list")
    }

    @Test("a missing key is named with its meaning")
    func missing() {
        #expect(
            Self.complaint(about: "repositories:\n  main: { codec: { type: zstd } }\n")
                == "ahvault.yaml:2:9: `target` is missing: where its objects are kept: a block with `type`")
        #expect(
            Self.complaint(about: "repositories:\n  main: { target: { path: /srv } }\n")
                == "ahvault.yaml:2:19: `type` is missing: which plug-in this is")
        #expect(
            Self.complaint(about: "repositories:\n  main: { target: { type: local } }\n")
                .hasPrefix("local › ahvault.yaml:2:19: `path` is missing: "))
    }

    @Test("a plug-in that this build does not have is refused with those it has")
    func unknownPlugin() {
        #expect(
            Self.complaint(about: "repositories:\n  main: { target: { type: locall, path: /srv } }\n")
                .hasPrefix("ahvault.yaml:2:19: no plug-in `locall`; this build has: "))
    }

    @Test("a value of the wrong type is refused with what it should be")
    func wrongTypes() {
        #expect(
            Self.complaint(about: "repositories:\n  main: { target: { type: local, path: /srv, fsync: maybe } }\n")
                == "local › ahvault.yaml:2:53: `fsync` must be `true` or `false`, not `maybe`")
        #expect(
            Self.complaint(about: "repositories:\n  main: { target: { type: local, path: /srv }, chunkSize: big }\n")
                == "ahvault.yaml:2:59: `chunkSize` must be a size such as `64KiB`, not `big`")
        #expect(
            Self.complaint(about: "cache: [a]\n") == "ahvault.yaml:1:8: `cache` must be text, not a list")
    }

    @Test("an encryption block needs a passphrase and knows nothing else, and its value appears nowhere")
    func encryption() {
        func complaint(_ block: String) -> String {
            Self.complaint(
                about: "repositories:\n  main:\n    target: { type: local, path: /srv }\n    encryption: \(block)\n")
        }
        #expect(complaint("{ passphrase: hush }") == "")
        #expect(complaint("{}").contains("passphrase"))
        #expect(complaint("{ passphrase: hush, keys: 2 }").contains("unknown key `keys`"))
        #expect(!complaint("{ passphrase: [hush] }").contains("hush"))
        #expect(!complaint("hush").contains("hush"))
    }

    static func job(_ line: String) -> String {
        complaint(
            about: source + repository + "jobs:\n  nightly:\n    source: lab\n    repository: main\n    "
                + "vms: { names: ['*'] }\n    \(line)\n")
    }

    @Test(
        "a job's values are checked",
        arguments: [
            ("consistency: guest", "ahvault.yaml:10:18: `consistency` must be `crash` or `application`, not `guest`"),
            ("parallel: 0", "ahvault.yaml:7:5: `parallel` must be from 1 to 64"),
            ("schedule: daily 25:00", "ahvault.yaml:10:15: `schedule` must be "),
            ("keep: { last: -1 }", "ahvault.yaml:10:19: `last` must be a whole number from 0 to 65535, not `-1`"),
            ("keep: { last: 0 }", "ahvault.yaml:10:11: `keep` keeps nothing: "),
            ("keep: { minutely: 3 }", "ahvault.yaml:10:13: unknown key `minutely`; "),
            ("keep: { minimum: 3 }", "ahvault.yaml:10:11: `keep` keeps nothing: "),
            ("keep: { within: 30 }", "ahvault.yaml:10:21: `within` must be a length of time such as `30d`"),
        ])
    func jobValues(line: String, complaint: String) {
        #expect(Self.job(line).hasPrefix(complaint))
    }

    @Test("a job that chooses no VM is refused")
    func emptySelection() {
        let yaml =
            Self.source + Self.repository + "jobs:\n  j: { source: lab, repository: main, vms: { exclude: [a] } }\n"
        #expect(Self.complaint(about: yaml) == "ahvault.yaml:6:44: `vms` chooses no VM: give `names` or `categories`")
    }

    @Test("a job that refers to what is not there is refused where it does so")
    func references() {
        let jobs = "jobs:\n  j: { source: lap, repository: main, vms: { names: [a] } }\n"
        #expect(
            Self.complaint(about: Self.source + Self.repository + jobs)
                == "ahvault.yaml:6:16: no source `lap`; configured: lab")
        let other = "jobs:\n  j: { source: lab, repository: mein, vms: { names: [a] } }\n"
        #expect(
            Self.complaint(about: Self.source + Self.repository + other)
                == "ahvault.yaml:6:33: no repository `mein`; configured: main")
    }

    @Test("names that cannot be typed are refused", arguments: ["a b", "ä", "''", "../x"])
    func names(name: String) {
        #expect(
            Self.complaint(about: "sources:\n  \(name): { type: ahv }\n").contains("cannot be the name of a source"))
        #expect(
            Self.complaint(about: "proxy: { name: Berlin_1 }\n").hasPrefix("ahvault.yaml:1:16: `name` must be 1 to 24"))
    }

    @Test("aliases that grow without bound are refused")
    func bomb() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...7 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(Self.complaint(about: yaml).contains("more values than a configuration can have"))
    }

    @Test("text stays what was written until a field wants something else")
    func plainText() throws {
        let setting = try Setting(yaml: "a: 22:30\nb: on\nc: 1.10\nd: 0123\ne: '~'\nf: ~\ng:\n", file: "x")
        var texts: [String?] = []
        for entry in try setting.entries("x") {
            if case .scalar(let text) = entry.value.shape { texts.append(text) } else { texts.append(nil) }
        }
        #expect(texts == ["22:30", "on", "1.10", "0123", "~", nil, nil])
    }
}
