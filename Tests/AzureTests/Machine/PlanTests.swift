import AzureSimulator
import Engine
import Targets
import Testing

@testable import Azure

@Suite("The plan of an export to Azure", .timeLimit(.minutes(10)))
struct PlanTests {
    private static let disk = SyntheticDisk(size: 20 << 20, islands: [ByteRange(0, 4096)])

    private func plan(
        _ lab: AzureLab, _ changes: [String: Setting?] = [:], _ change: (inout AzureExportRequest) -> Void = { _ in }
    ) async throws -> AzurePlan {
        var request = lab.request([Self.disk])
        change(&request)
        return try await lab.subscription(changes).plan(request)
    }

    private func refusal(
        _ lab: AzureLab, _ changes: [String: Setting?] = [:], _ change: (inout AzureExportRequest) -> Void = { _ in }
    ) async throws -> EngineError {
        let error = await #expect(throws: EngineError.self) { _ = try await plan(lab, changes, change) }
        return try #require(error)
    }

    @Test(
        "the smallest size that is large enough is the first one",
        arguments: [
            (1, 1, "Standard_F2s_v2"), (2, 4, "Standard_F2s_v2"), (2, 5, "Standard_D2s_v5"), (2, 16, "Standard_E2s_v5"),
            (3, 4, "Standard_F4s_v2"), (4, 32, "Standard_E4s_v5"), (16, 64, "Standard_D16s_v5"),
            (96, 300, "Standard_D96s_v5"), (8, 600, "Standard_E96s_v5"), (72, 100, "Standard_F72s_v2"),
        ])
    func sizes(cpus: Int, gibibytes: UInt64, name: String) {
        #expect(MachineSize.candidates(cpus: cpus, memory: gibibytes << 30).first?.name == name)
    }

    @Test("nothing is large enough for everything")
    func giant() { #expect(MachineSize.candidates(cpus: 128, memory: 1 << 30).isEmpty) }

    @Test("it names everything and makes nothing")
    func dryRun() async throws {
        try await AzureLab.run { lab in
            let plan = try await plan(lab, ["tags": .block(["owner": "ops"])]) { request in
                request.network = NetworkChoice(
                    virtualNetwork: "net", subnet: "inner", securityGroup: "guard", publicIP: true, create: true)
            }
            #expect(plan.machineSize?.name == "Standard_F2s_v2" && plan.generation == .first)
            #expect(
                plan.entries.map { "\($0.action.rawValue) \($0.kind.rawValue) \($0.name)" } == [
                    "use resourceGroup vms", "create disk web01-os", "create virtualNetwork net",
                    "create subnet inner", "create securityGroup guard", "create publicAddress web01-ip",
                    "create networkInterface web01-nic", "create virtualMachine web01",
                ])
            let text = plan.lines.joined(separator: "\n")
            for entry in plan.entries { #expect(text.contains(entry.id)) }
            #expect(text.contains("Standard_F2s_v2") && text.contains("generation 1"))
            #expect(lab.simulator.requests.allSatisfy { $0.method == "GET" || $0.operation == "Token" })
        }
    }

    @Test("names are made of the VM's, and given ones are checked")
    func names() async throws {
        #expect(ResourceName.plain("Büro Server (neu)!") == "B-ro-Server--neu")
        #expect(ResourceName.plain("---") == "vm")
        try await AzureLab.run { lab in
            let named = try await plan(lab) { request in
                request.name = "db-1"
                request.diskNames = ["scsi.0": "db-1-system"]
            }
            #expect(named.name == "db-1" && named.disks.map(\.name) == ["db-1-system"])
            for name in ["", "a b", "-x", "x.", String(repeating: "x", count: 65)] {
                let error = try await refusal(lab) { $0.name = name }
                #expect(error.kind == .configuration)
            }
            let unknown = try await refusal(lab) { $0.diskNames = ["ide.7": "x"] }
            #expect(unknown.message.contains("ide.7"))
        }
    }

    @Test(
        "the generation follows from boot type and partitions, and is asked for where they differ",
        arguments: [
            (AzureExportRequest.Boot.uefi, PartitionTable.Kind.gpt, true, AzureExportRequest.Generation.second),
            (.legacy, .mbr, false, .first), (.legacy, .gpt, false, .first), (.uefi, .mbr, true, .second),
            (nil, .gpt, true, .second), (nil, .mbr, false, .first), (.uefi, .mbr, false, nil),
            (.uefi, .gpt, false, nil),
            (.legacy, .gpt, true, nil), (.uefi, .none, false, nil), (.legacy, .none, false, nil),
            (nil, .none, false, nil),
            (nil, .gpt, false, nil),
        ] as [(AzureExportRequest.Boot?, PartitionTable.Kind, Bool, AzureExportRequest.Generation?)])
    func generations(
        boot: AzureExportRequest.Boot?, kind: PartitionTable.Kind, isEFI: Bool,
        expected: AzureExportRequest.Generation?
    ) throws {
        let table = PartitionTable(kind: kind, hasEFISystem: isEFI)
        if let expected {
            #expect(try GenerationChoice.choose(nil, boot: boot, partitions: table) == expected)
        } else {
            let error = #expect(throws: EngineError.self) {
                try GenerationChoice.choose(nil, boot: boot, partitions: table)
            }
            #expect(error?.message.contains("--generation") == true)
        }
        #expect(try GenerationChoice.choose(.first, boot: boot, partitions: table) == .first)
    }

    @Test("a size that the region lacks is refused, and others are named")
    func missingSize() async throws {
        var settings = AzureLab.settings
        settings.cloud.groups = ["vms": "germanynorth"]
        try await AzureLab.run(settings) { lab in
            let there: [String: Setting?] = ["location": "germanynorth"]
            let error = try await refusal(lab, there) { $0.size = "Standard_E2s_v5" }
            #expect(error.kind == .unsupported && error.message.contains("Standard_E2s_v5 is not offered"))
            #expect(error.message.contains("Standard_D2s_v5"))
            #expect(try await plan(lab, there).machineSize?.name == "Standard_D2s_v5")
            let unknown = try await refusal(lab, there) { $0.size = "Standard_Z9" }
            #expect(unknown.kind == .unsupported)
        }
    }

    @Test("a size must take the generation, the disks and the network that are wanted")
    func capabilities() async throws {
        try await AzureLab.run { lab in
            let generation = try await refusal(lab) { request in
                request.generation = .second
                request.size = "Standard_A4_v2"
            }
            #expect(generation.message.contains("generation 2"))
            let first = try await refusal(lab) { $0.size = "Standard_D2s_v6" }
            #expect(first.message.contains("generation 1"))
            let nvme = try await refusal(lab) { request in
                request.generation = .second
                request.size = "Standard_D2s_v6"
            }
            #expect(nvme.message.contains("NVMe"))
            let premium = try await refusal(lab, ["diskType": "Premium_LRS"]) { $0.size = "Standard_A4_v2" }
            #expect(premium.message.contains("premium"))
            let many = (0..<6).map { _ in Self.disk }
            let error = await #expect(throws: EngineError.self) {
                var request = lab.request(many)
                request.size = "Standard_D2s_v5"
                _ = try await lab.subscription().plan(request)
            }
            #expect(error?.message.contains("data disks") == true)
            let larger = try await lab.subscription().plan(lab.request(many))
            #expect(larger.machineSize?.name == "Standard_F4s_v2")
        }
    }

    @Test("a quota that does not suffice is told before anything is made")
    func quota() async throws {
        var settings = AzureLab.settings
        settings.cloud.quotas = ["standardFSv2Family": 0]
        try await AzureLab.run(settings) { lab in
            #expect(try await plan(lab).machineSize?.name == "Standard_D2s_v5")
            let error = try await refusal(lab) { $0.size = "Standard_F2s_v2" }
            #expect(error.kind == .noSpace && error.message.contains("standardFSv2Family"))
        }
        settings.cloud.quotas = ["cores": 1]
        try await AzureLab.run(settings) { lab in
            let error = try await refusal(lab)
            #expect(error.kind == .noSpace)
        }
    }

    @Test("a name that is taken, a group and a network that are missing are refused")
    func surroundings() async throws {
        try await AzureLab.run { lab in
            let witness = try await Witness(lab)
            let taken: JSONValue = [
                "location": "westeurope", "properties": ["creationData": ["createOption": "Empty"], "diskSizeGB": 1],
            ]
            try await witness.done("PUT", "\(Witness.group)/providers/Microsoft.Compute/disks/web01-os", taken)
            let error = try await refusal(lab)
            #expect(error.kind == .alreadyExists && error.message.contains("web01-os"))
            let group = try await refusal(lab, ["resourceGroup": "other"])
            #expect(group.kind == .configuration && group.message.contains("createsResourceGroup"))
            let network = try await refusal(lab) { request in
                request.name = "x"
                request.network = NetworkChoice(virtualNetwork: "none", subnet: "a")
            }
            #expect(network.kind == .notFound && network.message.contains("virtual network none"))
            let made = try await plan(lab, ["resourceGroup": "other", "createsResourceGroup": "true"])
            #expect(made.entries.allSatisfy { $0.action == .create })
            let guest = try await refusal(lab) { $0.guest = nil }
            #expect(guest.message.contains("--os"))
        }
    }

    @Test("an identity that may not list sizes gets a plan with a note")
    func rights() async throws {
        var settings = AzureLab.settings
        settings.principals[0].actions = [
            "Microsoft.Compute/disks/*", "Microsoft.Compute/virtualMachines/*", "Microsoft.Network/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ]
        try await AzureLab.run(settings) { lab in
            let plan = try await plan(lab)
            #expect(
                plan.machineSize?.name == "Standard_F2s_v2" && plan.remarks.contains { $0.contains("may not list") })
        }
        settings.principals[0].actions = []
        try await AzureLab.run(settings) { lab in
            let error = try await refusal(lab)
            #expect(error.kind == .denied && error.message.contains("resourceGroups/read"))
            #expect(error.message.contains("role"))
        }
    }

    @Test("disks that Azure cannot hold are refused, and small ones are extended")
    func diskSizes() async throws {
        try await AzureLab.run { lab in
            func plan(_ sizes: UInt64..., changes: [String: Setting?] = [:]) async throws -> AzurePlan {
                try await lab.subscription(changes).plan(
                    lab.request(sizes.map { SyntheticDisk(size: $0, islands: []) }))
            }
            let small = try await plan(1 << 20, (20 << 20) + 512)
            #expect(small.disks.map(\.size) == [20 << 20, 21 << 20] && small.remarks.count == 2)
            #expect(small.disks.map(\.uploadSize) == [(20 << 20) + 512, (21 << 20) + 512])
            for sizes in [(33 << 40, 1 << 20), (3 << 40, 1 << 20), (1 << 20, 33 << 40)] as [(UInt64, UInt64)] {
                let error = await #expect(throws: EngineError.self) { _ = try await plan(sizes.0, sizes.1) }
                #expect(error?.kind == .unsupported)
            }
            let blob = await #expect(throws: EngineError.self) {
                _ = try await plan(1 << 20, 9 << 40, changes: ["pageBlob": lab.pageBlob])
            }
            #expect(blob?.kind == .unsupported)
        }
    }
}
