import AzureSimulator
import Engine
import FoundationEssentials
import Glibc
import Synchronization
import Targets
import Testing
import Wire

@testable import Azure

@Suite("Exports to Azure that are disturbed", .timeLimit(.minutes(30)))
struct ExportFaultTests {
    private static let disk = SyntheticDisk.random(size: 48 << 20, seed: 3, longest: 600, rarity: 1)

    /// An export that must come through, and what is there in the end.
    private func comesThrough(
        disturb: (AzureLab) throws -> Void = { _ in },
        progress: (@Sendable (AzureLab, AzureProgress) -> Void)? = nil
    ) async throws {
        try await AzureLab.run { lab in
            try disturb(lab)
            let exported = try await lab.export([Self.disk], progress: { progress?(lab, $0) })
            #expect(exported.disks[0].verified == exported.disks[0].sent)
            try await ExportTests.isWhole(lab, [Self.disk])
        }
    }

    /// An export that must fail, and leave nothing.
    @discardableResult
    private func leavesNothing(
        _ settings: AzureSettings = AzureLab.settings, _ changes: [String: Setting?] = [:],
        _ disturb: (AzureLab) throws -> Void = { _ in },
        _ change: @escaping (inout AzureExportRequest) -> Void = { _ in }
    ) async throws -> EngineError {
        var found: EngineError?
        try await AzureLab.run(settings) { lab in
            let before = try await Witness(lab).names()
            try disturb(lab)
            let azure = try lab.subscription(changes)
            found = await #expect(throws: EngineError.self) { try await lab.export([Self.disk], azure, change) }
            lab.simulator.faults.clear()
            #expect(try await Witness(lab).names() == before, "\(found?.description ?? "")")
            #expect(access(lab.journal, F_OK) != 0)
            #expect(found?.message.contains("nothing is left") == true, "\(found?.description ?? "")")
        }
        return try #require(found)
    }

    @Test(
        "busy services, time-outs and broken connections are ridden out",
        arguments: [
            (503, "ServerBusy"), (500, "OperationTimedOut"), (500, "InternalError"), (429, "TooManyRequests"),
            (0, "close"),
            (0, "lose"), (0, "cut"),
        ])
    func uploads(status: Int, code: String) async throws {
        try await comesThrough(disturb: { lab in
            for operation in ["PutPage", "GetPageRanges", "GetBlobProperties", "GetBlob"] {
                let faults = lab.simulator.faults
                switch code {
                case "close": faults.close(operation, next: 3)
                case "lose": faults.loseAnswer(operation, next: 3)
                case "cut":
                    if operation == "PutPage" {
                        faults.cutRequest(operation, after: 1 << 20, next: 3)
                    } else {
                        faults.cutAnswer(operation, after: 10, next: 3)
                    }
                default: faults.fail(operation, next: 5, status: status, code: code, retryAfter: 1)
                }
            }
        })
    }

    @Test("a budget of writes that is used up is waited for")
    func budget() async throws {
        var settings = AzureLab.settings
        settings.cloud.writes = 4
        settings.cloud.windowSeconds = 0.2
        try await AzureLab.run(settings) { lab in
            try await lab.export([Self.disk], try lab.subscription(policy: .steady))
            try await ExportTests.isWhole(lab, [Self.disk])
        }
    }

    @Test("access that ends in the middle is renewed, and the upload goes on")
    func expiredAccess() async throws {
        let events = Mutex(0)
        try await comesThrough(progress: { lab, progress in
            guard case .disk = progress else { return }
            let count = events.withLock { events in
                events += 1
                return events
            }
            if count == 2 || count == 5 { lab.simulator.faults.expireAccess() }
        })
        #expect(events.withLock { $0 } > 5)
    }

    @Test("tokens that end in the middle are fetched anew")
    func expiredTokens() async throws {
        try await comesThrough(progress: { lab, progress in
            lab.simulator.faults.expireTokens()
        })
    }

    @Test("answers that are lost leave nothing twice")
    func lostAnswers() async throws {
        var settings = AzureLab.settings
        // An operation whose answer was lost ends although nobody asks for it.
        settings.cloud.operationSeconds = 0.1
        try await AzureLab.run(settings) { lab in
            for operation in [
                "PutDisk", "BeginGetAccess", "EndGetAccess", "PutVirtualNetwork", "PutNetworkInterface",
                "PutVirtualMachine", "DeallocateVirtualMachine", "GetOperation",
            ] { lab.simulator.faults.loseAnswer(operation, next: 1) }
            let exported = try await lab.export([Self.disk], try lab.subscription(policy: .steady))
            #expect(!exported.isRunning)
            try await ExportTests.isWhole(lab, [Self.disk])
        }
    }

    @Test(
        "what Azure refuses for good is told, and everything is taken back",
        arguments: [
            ("PutDisk", 409, "QuotaExceeded", EngineError.Kind.noSpace),
            ("BeginGetAccess", 403, "AuthorizationFailed", .denied), ("PutPage", 413, "RequestBodyTooLarge", .failed),
            ("EndGetAccess", 409, "InvalidVhd", .failed),
            ("PutVirtualNetwork", 403, "RequestDisallowedByPolicy", .denied),
            ("PutNetworkInterface", 400, "SubnetIsFull", .failed),
            ("PutVirtualMachine", 409, "SkuNotAvailable", .unsupported),
            ("GetBlob", 403, "AuthorizationFailure", .denied),
        ])
    func refusals(operation: String, status: Int, code: String, kind: EngineError.Kind) async throws {
        let error = try await leavesNothing(AzureLab.settings, [:]) { lab in
            var fault = Fault(operation: operation, count: 1)
            (fault.status, fault.code) = (status, code)
            lab.simulator.faults.add(fault)
        }
        #expect(error.kind == kind && error.message.contains(code))
    }

    @Test(
        "an operation that fails at its end is taken back",
        arguments: [
            "PutDisk", "BeginGetAccess", "EndGetAccess", "PutVirtualNetwork", "PutNetworkInterface",
            "PutVirtualMachine",
        ])
    func failsLater(operation: String) async throws {
        let error = try await leavesNothing(AzureLab.settings, [:]) { lab in
            lab.simulator.faults.failLater(operation, code: "InternalExecutionError", message: "It broke.")
        }
        #expect(error.message.contains("It broke."))
    }

    @Test("a quota that is used up between plan and VM is taken back")
    func lateQuota() async throws {
        let error = try await leavesNothing(AzureLab.settings, [:]) { lab in
            lab.simulator.faults.failLater(
                "PutVirtualMachine", code: "OperationNotAllowed", message: "exceeding approved quota")
        }
        #expect(error.kind == .noSpace)
    }

    @Test("a VM that cannot be stopped stays, and that is said")
    func deallocation() async throws {
        try await AzureLab.run { lab in
            lab.simulator.faults.failLater("DeallocateVirtualMachine", code: "InternalError", message: "no")
            let exported = try await lab.export([Self.disk])
            #expect(exported.isRunning && exported.remarks.contains { $0.contains("billed") })
        }
    }

    @Test("a source that breaks is told, and everything is taken back")
    func brokenSource() async throws {
        let broken = SyntheticDisk.random(size: 48 << 20, seed: 3)
        broken.fail(from: 30 << 20)
        try await AzureLab.run { lab in
            let error = await #expect(throws: EngineError.self) { try await lab.export([broken]) }
            #expect(error?.kind == .corrupt && error?.description.contains("disk scsi.0") == true)
            let left = try await Witness(lab).names()
            #expect(left == [])
        }
    }

    @Test("bytes that are not in Azure as they were sent are found")
    func verification() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription(["pageBlob": lab.pageBlob])
            let container = try BlobContainer(azure)
            let junk = Buffer([UInt8](repeating: 0xEE, count: 512))
            let place = Self.disk.islands[3].start
            let plan = try await azure.plan(lab.request([Self.disk]))
            let file = try JournalFile(
                lab.journal, begin: AzureJournal(run: "r", request: plan.request, place: "p"))
            try await container.make("web01-os.vhd", size: plan.disks[0].uploadSize, run: "r")
            let store = container.pages(of: "web01-os.vhd")
            let done = try await PageUpload(
                store: store, disk: plan.disks[0], source: AzureLab.sources([Self.disk])[0], parallelism: 2,
                line: WaitingLine(places: 2), keepsSums: true, journal: file, isFresh: true, progress: { _ in }
            ).run()
            func verify() async throws -> UInt64 {
                try await PageVerification(
                    store: store, disk: plan.disks[0], reader: PaddedDisk(disk: Self.disk, size: Self.disk.size),
                    upload: done, depth: .full, parallelism: 2, line: WaitingLine(places: 2), progress: { _ in }
                ).run()
            }
            let count = try await verify()
            #expect(count == done.ledger.sentBytes)
            try await store.put(junk, 0..<512, at: place, sum: junk.withBytes { CRC64.of($0) }, lane: 0)
            let error = await #expect(throws: EngineError.self) { _ = try await verify() }
            #expect(error?.kind == .corrupt && error?.message.contains("scsi.0") == true)
        }
    }

    @Test("what cannot be removed is named, and removed later")
    func leftovers() async throws {
        try await AzureLab.run { lab in
            lab.simulator.faults.failLater("PutVirtualMachine", code: "InternalExecutionError", message: "It broke.")
            lab.simulator.faults.fail("DeleteDisk", next: 9, status: 403, code: "ScopeLocked")
            let error = await #expect(throws: EngineError.self) { try await lab.export([Self.disk]) }
            let message = try #require(error?.message)
            #expect(message.contains("It broke.") && message.contains("managed disk web01-os (billed)"))
            #expect(message.contains("--discard"))
            let text = try String(decoding: Data(contentsOf: URL(filePath: lab.journal)), as: UTF8.self)
            #expect(text.contains("web01-os") && !text.contains("sig=") && !text.contains("horse"))
            let again = await #expect(throws: EngineError.self) { try await lab.export([Self.disk]) }
            #expect(again?.kind == .alreadyExists && again?.message.contains("web01-os") == true)
            lab.simulator.faults.clear()
            let kept = try await lab.subscription().discard(journal: lab.journal)
            #expect(kept.count == 0)
            let left = try await Witness(lab).names()
            #expect(left == [])
            try await lab.export([Self.disk])
        }
    }

    @Test("a disk whose bytes become reachable only while it is being removed is removed all the same")
    func lateGrant() async throws {
        try await AzureLab.run { lab in
            lab.simulator.faults.failLater("PutVirtualMachine", code: "InternalExecutionError", message: "It broke.")
            lab.simulator.faults.fail("DeleteDisk", next: 9, status: 403, code: "ScopeLocked")
            await #expect(throws: EngineError.self) { try await lab.export([Self.disk]) }
            lab.simulator.faults.clear()
            let witness = try await Witness(lab)
            let grant = try await witness.call(
                "POST", "\(Witness.group)/providers/Microsoft.Compute/disks/web01-os/beginGetAccess",
                ["access": "Read", "durationInSeconds": 3600])
            let operation = try #require(grant.reply.value(of: "Azure-AsyncOperation"))
            var policy = HTTPRetryPolicy.instant()
            policy.wait = { _ in _ = try? await witness.call("GET", operation) }
            let kept = try await lab.subscription(policy: policy).discard(journal: lab.journal)
            #expect(kept.count == 0)
            #expect(try await witness.names() == [])
        }
    }

    @Test("what others made is not touched when everything is taken back")
    func others() async throws {
        try await AzureLab.run { lab in
            let witness = try await Witness(lab)
            try await witness.done(
                "PUT", "\(Witness.group)/providers/Microsoft.Network/virtualNetworks/net",
                [
                    "location": "westeurope",
                    "properties": [
                        "addressSpace": ["addressPrefixes": ["10.9.0.0/16"]],
                        "subnets": [["name": "inner", "properties": ["addressPrefix": "10.9.1.0/24"]]],
                    ],
                ])
            lab.simulator.faults.failLater("PutVirtualMachine", code: "InternalExecutionError", message: "It broke.")
            await #expect(throws: EngineError.self) { try await lab.export([Self.disk]) }
            #expect(try await witness.names() == ["virtualNetworks net"])
        }
    }

    @Test("pages that another has left where the disk is empty are overwritten")
    func stalePages() async throws {
        try await AzureLab.run { lab in
            let azure = try lab.subscription()
            let client = try ResourceClient(azure)
            let witness = try await Witness(lab)
            try await witness.done(
                "PUT", "\(Witness.group)/providers/Microsoft.Compute/disks/stale",
                [
                    "location": "westeurope",
                    "properties": [
                        "creationData": ["createOption": "Upload", "uploadSizeBytes": .integer((48 << 20) + 512)]
                    ],
                ])
            let access = DiskAccess(
                to: ResourceID(.disk, "stale", in: client.group), for: .write, client, clock: { .now() })
            let store = BlobPages(
                name: "stale", object: "",
                transports: (0..<3).map { _ in
                    ObjectTransport(
                        DiskService(access, tokens: nil), trust: .systemAuthorities, parallelism: 1,
                        policy: .instant(), clock: { .now() }, logger: PluginContext.test().logger)
                })
            let junk = Buffer([UInt8](repeating: 0xEE, count: 1 << 20))
            for offset in stride(from: UInt64(0), to: 48 << 20, by: 3 << 20) {
                try await store.put(
                    junk, 0..<junk.count, at: offset, sum: junk.withBytes { CRC64.of($0) }, lane: 0)
            }
            let disk = SyntheticDisk(
                size: 48 << 20, islands: [ByteRange(8192, 12288), ByteRange(20 << 20, (21 << 20) + 4096)])
            let file = try JournalFile(
                lab.journal, begin: AzureJournal(run: "r", request: lab.request([disk]), place: "p"))
            let plan = AzurePlan.Disk(label: "scsi.0", name: "stale", size: 48 << 20, lun: nil, blob: nil)
            _ = try await PageUpload(
                store: store, disk: plan, source: AzureLab.sources([disk])[0], parallelism: 2,
                line: WaitingLine(places: 2), keepsSums: true, journal: file, isFresh: false, progress: { _ in }
            ).run()
            try await access.end()
            let image = try await AzureLab.image(disk)
            #expect(try await witness.bytes(ofDisk: "stale", size: image.count) == image)
        }
    }
}
