import AzureSimulator
import Engine
import Glibc
import Targets
import Testing
import Wire

@testable import Azure

@Suite("Exporting to Azure", .timeLimit(.minutes(30)))
struct ExportTests {
    /// A boot disk of 20 MiB and a larger one with islands.
    static let disks = [
        SyntheticDisk.random(size: 20 << 20, seed: 7, longest: 64, bestRead: 64 << 10),
        SyntheticDisk.random(size: (150 << 20) + 512 * 11, seed: 8, longest: 700, rarity: 4),
    ]

    /// Whether both disks are in Azure as the writer of VHDs makes them.
    static func isWhole(_ lab: AzureLab, _ disks: [SyntheticDisk] = disks) async throws {
        let witness = try await Witness(lab)
        lab.simulator.faults.clear()
        try await witness.done("DELETE", "\(Witness.group)/providers/Microsoft.Compute/virtualMachines/web01")
        for (index, disk) in disks.enumerated() {
            let image = try await AzureLab.image(disk, index)
            let name = index == 0 ? "web01-os" : "web01-data-\(index - 1)"
            #expect(try await witness.bytes(ofDisk: name, size: image.count) == image, "disk \(index)")
        }
    }

    @Test("the VM is made of disks that are byte for byte those of an export to files")
    func whole() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["tags": .block(["owner": "ops"])])
            let exported = try await lab.export(Self.disks, azure) { request in
                request.network = NetworkChoice(
                    virtualNetwork: "net", subnet: "inner", securityGroup: "guard", publicIP: true, create: true)
                request.privateAddress = "10.0.0.10"
            }
            let witness = try await Witness(lab)
            #expect(
                try await witness.names() == [
                    "disks web01-os", "disks web01-data-0", "virtualMachines web01", "networkInterfaces web01-nic",
                    "publicIPAddresses web01-ip", "virtualNetworks net", "networkSecurityGroups guard",
                ])
            let machine = try #require(try await witness.resource("Compute/virtualMachines/web01"))
            #expect(machine["tags"]?["ahvault-run"]?.string == exported.run && machine["tags"]?["owner"] == "ops")
            #expect(machine["properties"]?["hardwareProfile"]?["vmSize"] == "Standard_F2s_v2")
            let data = machine["properties"]?["storageProfile"]?["dataDisks"]?.array.first
            #expect(data?["lun"]?.integer == 0 && data?["name"] == "web01-data-0")
            let boot = try #require(try await witness.resource("Compute/disks/web01-os"))
            #expect(boot["properties"]?["hyperVGeneration"] == "V1" && boot["properties"]?["osType"] == "Linux")
            #expect(boot["sku"]?["name"] == "StandardSSD_LRS")
            let interface = try #require(try await witness.resource("Network/networkInterfaces/web01-nic"))
            let address = interface["properties"]?["ipConfigurations"]?.array.first?["properties"]
            #expect(address?["privateIPAddress"] == "10.0.0.10" && address?["publicIPAddress"]?["id"] != nil)
            let view = try await witness.call(
                "GET", "\(Witness.group)/providers/Microsoft.Compute/virtualMachines/web01/instanceView")
            #expect(String(decoding: view.json.text, as: UTF8.self).contains("PowerState/deallocated"))
            #expect(!exported.isRunning && exported.machine?.hasSuffix("/virtualMachines/web01") == true)
            #expect(access(lab.journal, F_OK) != 0)
            try await Self.isWhole(lab)
        }
    }

    @Test("what is sent is what the disks hold, and at most two percent more")
    func sent() async throws {
        try await AzureLab.run { lab in
            let fragments = SyntheticDisk(
                size: 64 << 20,
                islands: (0..<400).map { ByteRange(start: $0 * 100 * 1024 / 4096 * 4096, count: 4096) })
            let dense = SyntheticDisk(
                size: 64 << 20,
                islands: (0..<120).map { ByteRange(start: $0 * (512 << 10), count: (512 << 10) - 4096) })
            let disks = [Self.disks[0], Self.disks[1], fragments, dense]
            let exported = try await lab.export(disks) { $0.size = "Standard_D2s_v5" }
            for (disk, done) in zip(disks, exported.disks) {
                #expect(done.used == disk.used && done.verified == done.sent)
                #expect(done.sent - 512 <= disk.used + disk.used / 50, "\(done.label)")
            }
            // Short gaps are sent where many requests are saved by that.
            #expect(exported.disks[3].sent > disks[3].used)
            try await Self.isWhole(lab, disks)
        }
    }

    @Test("large sparse disks cost what they hold", arguments: [5 << 30 + 12_345 * 512, 127 << 30] as [UInt64])
    func sparse(size: UInt64) async throws {
        let end = size / 4096 * 4096
        let disk = SyntheticDisk(
            size: size,
            islands: [
                ByteRange(0, 1 << 20), ByteRange(3 << 30 - 8192, 3 << 30 + 8192), ByteRange(end - (2 << 20), end),
            ])
        try await AzureLab.run { lab in
            let exported = try await lab.export([disk])
            #expect(exported.disks[0].sent <= disk.used + disk.used / 50 + 512)
            let witness = try await Witness(lab)
            try await witness.done("DELETE", "\(Witness.group)/providers/Microsoft.Compute/virtualMachines/web01")
            let url = try await witness.address(of: "web01-os")
            let total = ((size + 0xFFFFF) >> 20) << 20
            let pages = try await witness.pageBytes(url)
            #expect(pages.reduce(0) { $0 + $1.count } == exported.disks[0].sent)
            for island in disk.islands {
                let buffer = Buffer(capacity: Int(island.count))
                try await disk.read(island, into: buffer)
                #expect(try await witness.read(url, island) == buffer.array)
            }
            let footer = try await witness.read(url, ByteRange(total, total + 512))
            #expect(footer.starts(with: Array("conectix".utf8)))
        }
    }

    @Test("a disk of less than 20 MiB is extended")
    func small() async throws {
        let disk = SyntheticDisk(
            size: (1 << 20) + 512, islands: [ByteRange(0, 4096), ByteRange(1 << 20, (1 << 20) + 512)])
        try await AzureLab.run { lab in
            let exported = try await lab.export([disk])
            #expect(exported.disks[0].size == 20 << 20 && exported.remarks.contains { $0.contains("extended") })
            try await Self.isWhole(lab, [disk])
        }
    }

    @Test("page blobs are imported and stay")
    func pageBlobs() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["pageBlob": lab.pageBlob])
            let exported = try await lab.export(Self.disks, azure)
            let blob = try #require(exported.disks[0].blob)
            #expect(blob.hasSuffix("/devstoreaccount1/vhds/web01-os.vhd") && exported.machine != nil)
            #expect(exported.disks.allSatisfy { $0.verified == $0.sent })
            try await Self.isWhole(lab)
            let error = await #expect(throws: EngineError.self) {
                try await lab.export(Self.disks, azure) {
                    $0.name = "w"; $0.diskNames = ["scsi.0": "web01-os"]
                }
            }
            #expect(error?.kind == .alreadyExists)
        }
    }

    @Test("with a container's signature alone VHDs are uploaded, and nothing else is asked for")
    func uploadOnly() async throws {
        try await AzureLab.run { lab in
            let azure = try AzureSubscription(
                .decode(.block(["container": Setting(TestSignature.container(lab))])), in: .test(), policy: .instant())
            let exported = try await lab.export([Self.disks[0]], azure) { $0.guest = nil }
            #expect(exported.machine == nil && !exported.disks[0].id.contains("sig="))
            #expect(lab.simulator.requests.allSatisfy { $0.authorization == "AccountSAS" })
            let witness = try await Witness(lab)
            let image = try await AzureLab.image(Self.disks[0])
            let url = TestSignature.container(lab, "/web01-os.vhd")
            #expect(try await witness.read(url, ByteRange(0, UInt64(image.count))) == image)
        }
    }

    @Test("trusted launch, generation 2, a zone and a running VM")
    func secondGeneration() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["zone": "2", "diskType": "Premium_LRS"])
            let exported = try await lab.export([Self.disks[0]], azure) { request in
                request.generation = .second
                request.trustedLaunch = true
                request.acceleratedNetworking = true
                request.powersOn = true
                request.guest = .windows
            }
            #expect(exported.isRunning)
            let machine = try #require(try await Witness(lab).resource("Compute/virtualMachines/web01"))
            #expect(machine["zones"] == ["2"])
            #expect(machine["properties"]?["securityProfile"]?["securityType"] == "TrustedLaunch")
        }
    }

    @Test("a disk whose access wants a token gets one of its own audience")
    func tokenAccess() async throws {
        try await AzureLab.run { lab in
            // The policy of a subscription changes what is asked for; here another makes the disk, as a resumed export finds it.
            let witness = try await Witness(lab)
            let client = try ResourceClient(try lab.subscription())
            let body: JSONValue = [
                "location": "westeurope",
                "properties": [
                    "creationData": ["createOption": "Upload", "uploadSizeBytes": .integer((20 << 20) + 512)],
                    "dataAccessAuthMode": "AzureActiveDirectory",
                ],
            ]
            try await witness.done("PUT", "\(Witness.group)/providers/Microsoft.Compute/disks/guarded", body)
            let access = DiskAccess(
                to: ResourceID(.disk, "guarded", in: client.group), for: .write, client, clock: { .now() })
            let azure = try lab.subscription()
            func pages(_ tokens: EntraTokens?) -> BlobPages<DiskService> {
                BlobPages(
                    name: "guarded", object: "",
                    transports: [
                        ObjectTransport(
                            DiskService(access, tokens: tokens), trust: .systemAuthorities, parallelism: 1,
                            policy: .instant(), clock: { .now() }, logger: PluginContext.test().logger)
                    ])
            }
            #expect(try await pages(azure.tokens(for: AzureEndpoints.diskAudience)).size() == (20 << 20) + 512)
            let error = await #expect(throws: EngineError.self) { _ = try await pages(nil).size() }
            #expect(error?.kind == .denied && error?.message.contains("Data Operator") == true)
        }
    }

    @Test("a missing resource group is made")
    func group() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["resourceGroup": "fresh", "createsResourceGroup": "true"])
            let exported = try await lab.export([Self.disks[0]], azure)
            #expect(exported.machine?.contains("/resourceGroups/fresh/") == true)
        }
    }
}
