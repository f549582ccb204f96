import Engine
import Testing

@testable import HostKit

@Suite("Secrets")
struct SecretTests {
    static let yaml = """
        sources:
          lab: { type: shared, cluster: c, password: tops3cret }

        """

    @Test("a literal secret is warned about, with its place and without its value")
    func literal() async throws {
        let folder = try ScratchFolder()
        let path = try folder.write("cache: cache\n" + Self.yaml, to: "ahvault.yaml")
        let outcome = await HostScene.run(["--config", path, "inventory", "vms"])
        #expect(outcome.status == .done)
        #expect(outcome.errors.contains("warning: \(path):3:36: `password` stands in the configuration in clear"))
        #expect(outcome.errors.contains("run `chmod 600 \(path)`"))
        #expect(!outcome.errors.contains("tops3cret"))
        #expect(!outcome.output.contains("tops3cret"))
    }

    @Test("a secret from the environment is not warned about, and named when it is not there")
    func environment() async throws {
        let folder = try ScratchFolder()
        let yaml = "cache: cache\n" + Self.yaml.replacing("tops3cret", with: "'env:LAB_PASSWORD'")
        let path = try folder.write(yaml, to: "ahvault.yaml")
        let missing = await HostScene.run(["--config", path, "inventory", "vms"])
        #expect(missing.status == .wrongUsage)
        #expect(missing.errors.contains("environment variable LAB_PASSWORD is not set"))
        let found = await HostScene.run(
            ["--config", path, "inventory", "vms"], environment: ["LAB_PASSWORD": "tops3cret"])
        #expect(found.status == .done)
        #expect(found.errors == "")
    }

    @Test("no description of the configuration shows a secret")
    func descriptions() throws {
        let secret = try Secret(placed: Setting(.scalar("tops3cret"), at: "a:1:1"), what: "`password`")
        #expect("\(secret)" == "•••")
        #expect(String(reflecting: secret) == "•••")
        var dumped = ""
        dump(["password": secret], to: &dumped)
        #expect(!dumped.contains("tops3cret"))
    }

    @Test("a value of the wrong shape is complained about without showing secrets beside it")
    func beside() throws {
        let yaml = "sources:\n  lab: { type: ahv, password: tops3cret, endpoint: [1] }\n"
        let complaint = ConfigurationErrorTests.complaint(about: yaml)
        #expect(complaint.contains("`endpoint` must be text"))
        #expect(!complaint.contains("tops3cret"))
    }
}
