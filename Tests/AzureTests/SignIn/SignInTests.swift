import AzureSimulator
import Engine
import Foundation
import Targets
import Testing

@testable import Azure

@Suite("Signing in to Azure", .timeLimit(.minutes(10)))
struct SignInTests {
    /// Asks for something that needs a token for resources.
    private func look(_ azure: AzureSubscription) async throws {
        let client = try ResourceClient(azure)
        #expect(try await client.find(client.group) != nil)
    }

    private func refusal(_ lab: AzureLab, _ changes: [String: Setting?]) async throws -> EngineError {
        let error = await #expect(throws: EngineError.self) { try await look(lab.subscription(changes)) }
        let refusal = try #require(error)
        #expect(!refusal.description.contains("horse"))
        return refusal
    }

    private func signIn(_ way: String, _ values: [String: Setting]) -> [String: Setting?] {
        ["signIn": .block([way: .block(values)])]
    }

    @Test("by secret, and by the identity of a VM")
    func ways() async throws {
        try await AzureLab.run { lab in
            try await look(lab.subscription())
            let identity = signIn("managedIdentity", ["clientId": "vm", "endpoint": Setting(lab.origin)])
            try await look(lab.subscription(identity.merging(["tenant": nil]) { $1 }))
            #expect(lab.simulator.requests.count { $0.operation == "ManagedIdentityToken" } == 1)
        }
    }

    @Test("by certificate, over TLS")
    func certificate() async throws {
        let certificate = try TestCertificate.make()
        var settings = AzureLab.settings
        settings.servesTLS = true
        settings.principals.append(
            .init(clientID: "signer", secret: nil, certificate: certificate.certificate))
        try await AzureLab.run(settings) { lab in
            let secure = try #require(lab.simulator.secureOrigin)
            try Data((lab.simulator.certificate ?? "").utf8).write(to: URL(filePath: lab.folder + "/ca.pem"))
            try certificate.write(to: lab.folder + "/signer.pem")
            let way = signIn("certificate", ["clientId": "signer", "file": Setting(lab.folder + "/signer.pem")])
            try await look(
                lab.subscription(
                    way.merging([
                        "management": Setting(secure), "authority": Setting(secure),
                        "tls": .block(["ca": Setting(lab.folder + "/ca.pem")]),
                    ]) { $1 }))
        }
    }

    @Test("a certificate that Azure does not know is refused in its words")
    func otherCertificate() async throws {
        var settings = AzureLab.settings
        settings.principals.append(
            .init(clientID: "signer", secret: nil, certificate: try TestCertificate.make().certificate))
        try await AzureLab.run(settings) { lab in
            try TestCertificate.make().write(to: lab.folder + "/other.pem")
            let error = try await refusal(
                lab, signIn("certificate", ["clientId": "signer", "file": Setting(lab.folder + "/other.pem")]))
            #expect(error.kind == .denied && error.message.contains("AADSTS700027"))
            #expect(error.message.contains("certificate"))
        }
    }

    @Test("a certificate's file must be readable by its owner alone, and hold both, not encrypted")
    func files() async throws {
        let certificate = try TestCertificate.make()
        try await AzureLab.run { lab in
            let path = lab.folder + "/signer.pem"
            let way = signIn("certificate", ["clientId": "signer", "file": Setting(path)])
            try certificate.write(to: path, mode: 0o644)
            #expect(try await refusal(lab, way).message.contains("chmod 600"))
            try certificate.write(to: path)
            for (text, words) in [
                (certificate.key, "no certificate"), (certificate.certificate, "no private key"),
                (
                    certificate.certificate
                        + "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                    "encrypted"
                ),
                (
                    certificate.certificate + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                    "no RSA key"
                ),
            ] {
                try Data(text.utf8).write(to: URL(filePath: path))
                chmod(path, 0o600)
                let error = try await refusal(lab, way)
                #expect(error.kind == .configuration && error.message.contains(words))
            }
        }
    }

    @Test("a wrong secret, an unknown application and an unknown directory are told apart")
    func refusals() async throws {
        try await AzureLab.run { lab in
            let wrong = try await refusal(lab, signIn("clientSecret", ["clientId": "app", "secret": "horse"]))
            #expect(wrong.kind == .denied && wrong.message.contains("AADSTS7000215"))
            let unknown = try await refusal(lab, signIn("clientSecret", ["clientId": "nobody", "secret": "horse"]))
            #expect(unknown.kind == .denied && unknown.message.contains("AADSTS700016"))
            let tenant = try await refusal(lab, ["tenant": "elsewhere.example"])
            #expect(tenant.kind == .denied && tenant.message.contains("elsewhere.example"))
        }
    }

    @Test("the directory of another subscription is named as the mistake")
    func foreignTenant() async throws {
        var settings = AzureLab.settings
        settings.foreignTenants = ["99999999-2222-3333-4444-555555555555"]
        try await AzureLab.run(settings) { lab in
            let error = try await refusal(lab, ["tenant": Setting(settings.foreignTenants[0])])
            #expect(error.kind == .denied && error.message.contains("`tenant` is not the directory"))
            #expect(lab.simulator.requests.count { $0.operation == "GetResourceGroup" } == 1)
        }
    }

    @Test("a token that ends is fetched anew, and the request goes on")
    func expiry() async throws {
        try await AzureLab.run { lab in
            let client = try ResourceClient(try lab.subscription())
            _ = try await client.find(client.group)
            lab.simulator.faults.expireTokens()
            #expect(try await client.find(client.group) != nil)
            #expect(lab.simulator.requests.count { $0.operation == "Token" } == 2)
        }
    }

    @Test(
        "settings that cannot be are refused with the key",
        arguments: [
            (["signIn": .block([:])], "exactly one"),
            (["tenant": nil], "`tenant` is missing"),
            (["subscription": "mine"], "`subscription`"),
            (["location": nil], "`location` is missing"),
            (["management": "http://example.com"], "`management`"),
            (["parallelism": "0"], "`parallelism`"),
            (["zone": "9"], "`zone`"),
            (["diskType": "UltraSSD_LRS"], "`diskType`"),
            (["cloud": "mars"], "`cloud`"),
            (["resourceGroup": "a/b"], "`resourceGroup`"),
            (["container": "https://x"], "`container`"),
        ] as [([String: Setting?], String)])
    func settings(changes: [String: Setting?], words: String) async throws {
        try await AzureLab.run { lab in
            let error = #expect(throws: EngineError.self) { try lab.subscription(changes) }
            #expect(
                error?.kind == .configuration && error?.message.contains(words) == true, "\(String(describing: error))")
        }
    }

    @Test(
        "the clouds have their addresses",
        arguments: [
            ("usgovernment", "management.usgovcloudapi.net", "login.microsoftonline.us", "core.usgovcloudapi.net"),
            ("china", "management.chinacloudapi.cn", "login.chinacloudapi.cn", "core.chinacloudapi.cn"),
            ("public", "management.azure.com", "login.microsoftonline.com", "core.windows.net"),
        ])
    func clouds(cloud: String, management: String, authority: String, suffix: String) async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["cloud": Setting(cloud), "management": nil, "authority": nil])
            #expect(azure.endpoints.management.host == management && azure.endpoints.authority.host == authority)
            #expect(azure.endpoints.managementAudience == "https://" + management)
            #expect(azure.endpoints.storageSuffix == suffix)
        }
    }
}
