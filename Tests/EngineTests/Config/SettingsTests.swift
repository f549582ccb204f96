import Testing

@testable import Engine

@Suite("Settings")
struct SettingsTests {
    private struct Sample: PluginSettings {
        let path: String
        let port: UInt16
        let isFast: Bool
        let password: Secret?
        static let fields: [Field] = [
            .required("path", "the folder"),
            .defaulted("port", "22", "its port"),
            .defaulted("isFast", "true", "whether"),
            .secret("password", "the password"),
        ]
    }

    private func block(_ pairs: [(String, String)]) -> Setting {
        Setting(
            .map(
                pairs.enumerated().map { index, pair in
                    Setting.Entry(
                        key: pair.0, place: "a.yaml:\(index + 2):3",
                        value: Setting(.scalar(pair.1), at: "a.yaml:\(index + 2):9"))
                }), at: "a.yaml:1:1")
    }

    private func message(_ pairs: [(String, String)]) -> String {
        do {
            _ = try Sample.decode(block(pairs))
            return "decoded"
        } catch {
            return error.message
        }
    }

    @Test("defaults stand in for what is not written")
    func defaults() throws {
        let settings = try Sample.decode(block([("path", "/srv")]))
        #expect(settings.port == 22)
        #expect(settings.isFast)
        #expect(settings.password == nil)
    }

    @Test("an unknown key is refused at its place, with the known ones")
    func unknownKey() {
        #expect(
            message([("path", "/srv"), ("prot", "1")])
                == "a.yaml:3:3: unknown key `prot`; known keys: isFast, password, path, port")
    }

    @Test("a missing key is refused with its meaning")
    func missingKey() { #expect(message([]) == "a.yaml:1:1: `path` is missing: the folder") }

    @Test("a number out of range is refused with the range")
    func wrongNumber() {
        #expect(
            message([("path", "/srv"), ("port", "70000")])
                == "a.yaml:3:9: `port` must be a whole number from 0 to 65535, not `70000`")
    }

    @Test("`yes` is no switch")
    func wrongSwitch() {
        #expect(
            message([("path", "/srv"), ("isFast", "yes")])
                == "a.yaml:3:9: `isFast` must be `true` or `false`, not `yes`")
    }

    @Test("a secret prints as dots, in every way of printing")
    func maskedSecret() throws {
        let settings = try Sample.decode(block([("path", "/srv"), ("password", "hunter2")]))
        let secret = try #require(settings.password)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\(settings)", String(reflecting: settings)] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.isLiteral)
    }
}
