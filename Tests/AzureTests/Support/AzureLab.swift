import AzureSimulator
import Codecs
import Engine
import FoundationEssentials
import Glibc
import Synchronization
import Targets
import Wire

@testable import Azure

/// A simulated Azure, and what an export to it needs.
struct AzureLab: Sendable {
    static let secret = "correct&horse battery+staple"
    static let signature = "never-shown"

    let simulator: AzureSimulator
    let folder: String

    /// An application that may do everything, a resource group, and a network in it is made by `run`.
    static var settings: AzureSettings {
        var settings = AzureSettings()
        settings.principals = [.init(clientID: "app", secret: secret), .init(clientID: "vm", secret: nil)]
        settings.containers = ["vhds"]
        settings.cloud.groups = ["vms": "westeurope"]
        settings.cloud.operationSeconds = 3600
        settings.cloud.retryAfter = 0
        return settings
    }

    /// Runs a body with a simulator of its own.
    static func run(_ settings: AzureSettings = settings, _ body: (AzureLab) async throws -> Void) async throws {
        var template = Array("/tmp/ahvault-azure-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw EngineError.system("create", "a folder in /tmp") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lab = AzureLab(simulator: try await AzureSimulator.start(settings), folder: folder)
        do {
            try await body(lab)
        } catch {
            await lab.simulator.stop()
            throw error
        }
        await lab.simulator.stop()
    }

    var origin: String { simulator.origin }
    var journal: String { folder + "/journal.json" }

    // MARK: The client

    var block: [String: Setting] {
        [
            "subscription": Setting(CloudSettings().subscription), "tenant": Setting(AzureSettings().tenant),
            "resourceGroup": "vms", "location": "westeurope", "management": Setting(origin),
            "authority": Setting(origin),
            "signIn": .block(["clientSecret": .block(["clientId": "app", "secret": Setting(Self.secret)])]),
            "network": .block(["virtualNetwork": "net", "subnet": "inner", "create": "true"]),
        ]
    }

    /// - Parameter changes: of the block; nil takes a key out.
    func subscription(
        _ changes: [String: Setting?] = [:], policy: HTTPRetryPolicy = .instant()
    ) throws -> AzureSubscription {
        var block = block
        for (key, value) in changes { block[key] = value }
        return try AzureSubscription(.decode(.block(block)), in: .test(), policy: policy)
    }

    /// Upload to page blobs of the account, with its key.
    var pageBlob: Setting {
        let account = AzureSettings.Account.development
        return .block([
            "account": Setting(account.name), "container": "vhds", "endpoint": Setting(origin), "style": "path",
            "key": Setting(account.keys[0]),
        ])
    }

    func request(_ disks: [SyntheticDisk], name: String = "web01") -> AzureExportRequest {
        var request = AzureExportRequest(
            restorePoint: "20261122-101500-000001", vmName: name, cpus: 2, memory: 4 << 30, boot: .legacy,
            disks: disks.enumerated().map { index, disk in
                AzureExportRequest.Disk(
                    label: "scsi.\(index)", size: disk.size, content: "content of \(index)",
                    partitions: index == 0 ? PartitionTable(kind: .mbr, hasEFISystem: false) : nil)
            })
        request.guest = .linux
        request.verification = .full
        return request
    }

    /// The writer of VHDs, which makes the same bytes each time.
    static func format(_ index: Int) throws -> any ImageFormat {
        try VHDImage(
            .decode(
                .block([
                    "variant": "azure", "time": "2026-11-22T10:15:00Z",
                    "id": Setting(ImageID.named("disk \(index)").description),
                ])), in: .test())
    }

    static func sources(_ disks: [SyntheticDisk]) throws -> [AzureExport.Source] {
        try disks.enumerated().map { index, disk in AzureExport.Source(disk, as: try format(index)) }
    }

    /// Plans and carries out.
    @discardableResult
    func export(
        _ disks: [SyntheticDisk], _ subscription: AzureSubscription? = nil, resuming: Bool = false,
        _ change: (inout AzureExportRequest) -> Void = { _ in }
    ) async throws -> AzureExported {
        try await export(disks, subscription, resuming: resuming, progress: { _ in }, change)
    }

    /// The same, telling how far it is.
    @discardableResult
    func export(
        _ disks: [SyntheticDisk], _ subscription: AzureSubscription? = nil, resuming: Bool = false,
        progress: @escaping AzureProgressSink, _ change: (inout AzureExportRequest) -> Void = { _ in }
    ) async throws -> AzureExported {
        let azure = try subscription ?? self.subscription()
        var request = request(disks)
        change(&request)
        let left = resuming ? try AzureJournal.read(journal) : nil
        let plan = try await azure.plan(request, resuming: left)
        return try await AzureExport(
            azure, plan: plan, sources: Self.sources(disks), journal: journal, progress: progress
        ).run()
    }

    /// The VHD that an export to a file makes, whole.
    static func image(_ disk: SyntheticDisk, _ index: Int = 0) async throws -> [UInt8] {
        let images = MemoryImages()
        let destination = images.destination("disk.vhd")
        _ = try await format(index).write(disk, to: destination) { _ in }
        try await destination.commit()
        return images["disk.vhd"] ?? []
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
