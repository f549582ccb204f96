import AzureSimulator
import Engine
import Testing

@testable import Azure

@Suite("The role for exports to Azure", .timeLimit(.minutes(10)))
struct AzureRoleTests {
    private static let disk = SyntheticDisk(size: 20 << 20, islands: [ByteRange(0, 1 << 20)])

    /// A group with the network that VMs go to.
    private func run(_ actions: [String], _ body: (AzureLab) async throws -> Void) async throws {
        var settings = AzureLab.settings
        settings.principals[0].actions = actions
        settings.principals.append(.init(clientID: "owner", secret: AzureLab.secret))
        try await AzureLab.run(settings) { lab in
            let owner: Setting = .block([
                "clientSecret": .block(["clientId": "owner", "secret": Setting(AzureLab.secret)])
            ])
            let client = try ResourceClient(try lab.subscription(["signIn": owner]))
            _ = try await client.put(
                ResourceID(.virtualNetwork, "net", in: client.group),
                [
                    "location": "westeurope",
                    "properties": [
                        "addressSpace": ["addressPrefixes": ["10.9.0.0/16"]],
                        "subnets": [["name": "inner", "properties": ["addressPrefix": "10.9.1.0/24"]]],
                    ],
                ])
            try await body(lab)
        }
    }

    @Test("it is enough for an export, and for taking one back")
    func enough() async throws {
        try await run(AzureRole.actions) { lab in
            let exported = try await lab.export([Self.disk])
            #expect(exported.machine != nil && exported.remarks == [])
            lab.simulator.faults.failLater("PutVirtualMachine", code: "InternalExecutionError", message: "It broke.")
            let error = await #expect(throws: EngineError.self) {
                try await lab.export([Self.disk]) { $0.name = "two" }
            }
            #expect(error?.message.contains("nothing is left") == true)
        }
    }

    @Test("without any one of its actions an export fails or says so", arguments: AzureRole.actions)
    func least(action: String) async throws {
        try await run(AzureRole.actions.filter { $0 != action }) { lab in
            do {
                let exported = try await lab.export([Self.disk])
                if exported.remarks.isEmpty {
                    // Only needed for taking an export back, or for telling of a quota before.
                    #expect(action.hasSuffix("/delete") || action.hasSuffix("/usages/read"))
                }
            } catch let error as EngineError {
                #expect(error.kind == .denied && error.message.contains(action))
            }
        }
    }

    @Test("public addresses, networks and security groups need what is said")
    func more() async throws {
        let actions =
            AzureRole.actions + AzureRole.publicAddressActions + AzureRole.securityGroupActions
            + AzureRole.networkActions
        try await run(actions) { lab in
            try await lab.export([Self.disk]) { request in
                request.network = NetworkChoice(
                    virtualNetwork: "other", subnet: "inner", securityGroup: "guard", publicIP: true, create: true)
            }
        }
        #expect(AzureRole.definition(subscription: "s")["Actions"]?.array.count == AzureRole.actions.count)
    }
}
