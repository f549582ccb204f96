import Azure
import Engine
import Logging
import Testing

@testable import HostKit

@Suite("Subscriptions of Azure in a configuration")
struct AzureSectionTests {
    static let block = """
        azure:
          cloud:
            subscription: 22222222-3333-4444-5555-666666666666
            tenant: example.org
            resourceGroup: restored
            location: westeurope
            signIn: { clientSecret: { clientId: app, secret: "env:AZURE_SECRET" } }

        """

    static func configuration(_ yaml: String) throws -> HostConfiguration {
        let file = ConfigFile(path: "ahvault.yaml", setting: try Setting(yaml: yaml, file: "ahvault.yaml"))
        return try HostConfiguration(file) { ["HOME": "/home/test"][$0] }
    }

    static let context = PluginContext(
        logger: Logger(label: "test"), baseDirectory: "/", cacheDirectory: "/home/test/.cache/ahvault")

    @Test("a mistake is told with its place")
    func mistakes() {
        #expect(ConfigurationErrorTests.complaint(about: Self.block) == "")
        let unknown = Self.block.replacing("location:", with: "region:")
        #expect(ConfigurationErrorTests.complaint(about: unknown).hasPrefix("ahvault.yaml:6:5: unknown key `region`;"))
        let missing = Self.block.replacing("    location: westeurope\n", with: "")
        #expect(ConfigurationErrorTests.complaint(about: missing) == "ahvault.yaml:3:5: `location` is missing")
        let deep = Self.block.replacing("clientId: app", with: "client: app")
        #expect(ConfigurationErrorTests.complaint(about: deep).hasPrefix("ahvault.yaml:7:"))
        #expect(ConfigurationErrorTests.complaint(about: deep).contains("unknown key `client`"))
        let type = Self.block + "    diskType: Ultra\n"
        #expect(ConfigurationErrorTests.complaint(about: type).contains("`diskType` must be"))
    }

    @Test("secrets in clear are warned about, without their values")
    func secrets() throws {
        let clear = Self.block.replacing("env:AZURE_SECRET", with: "tops3cret")
        let warnings = try Self.configuration(clear).warnings(with: .builtin)
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("`secret` stands in the configuration in clear") == true)
        #expect(warnings.first?.contains("tops3cret") == false)
        let container = "azure:\n  blobs: { container: 'https://a.blob.core.windows.net/c?sig=x' }\n"
        #expect(try Self.configuration(container).warnings(with: .builtin).first?.contains("`container`") == true)
        #expect(try Self.configuration(Self.block).warnings(with: .builtin) == [])
    }

    @Test("the command line has its way over the configuration")
    func changes() throws {
        let place = try #require(try Self.configuration(Self.block).azure.entries.first).value
        let changed = try place.subscription(["resourceGroup": "other", "zone": "2"], in: Self.context)
        #expect(changed.settings.resourceGroup == "other")
        #expect(changed.settings.zone == "2")
        #expect(try place.subscription(in: Self.context).settings.resourceGroup == "restored")
        let blob = Self.block + "    pageBlob: { account: images, container: vhds }\n"
        let both = try #require(try Self.configuration(blob).azure.entries.first).value
        #expect(try both.subscription(in: Self.context).settings.mode == .pageBlobs)
        #expect(try both.subscription(["pageBlob": nil], in: Self.context).settings.mode == .managedDisks)
    }
}
