import Engine
import Targets

/// One disk on its way to Azure, by the plan's mode.
struct DiskTransfer: Sendable {
    let export: ExportWork
    /// Nil when only VHDs are uploaded.
    let making: DiskMaking?
    let disk: AzurePlan.Disk
    let source: AzureExport.Source

    private var settings: AzureSubscription.Settings { export.subscription.settings }
    private var depth: AzureExportRequest.Verification { export.plan.request.verification }

    func run() async throws(EngineError) -> AzureExported.Disk {
        do throws(EngineError) {
            if let container = export.container { return try await throughBlob(container) }
            guard let making, let client = export.client else { throw EngineError(.bug, "nowhere to upload to") }
            return try await direct(making, client)
        } catch {
            throw error.at("disk \(disk.label)")
        }
    }

    // MARK: Direct upload

    private func direct(_ making: DiskMaking, _ client: ResourceClient) async throws(EngineError) -> AzureExported.Disk
    {
        let id = making.id(of: disk)
        switch try await making.uploadable(disk) {
        case .complete(let found, let isReadable):
            let done = PageUpload.Done(
                ledger: UploadLedger(export.file.mark(disk.name), keepsSums: false) { _ throws(EngineError) in },
                resumed: disk.size)
            let verified = isReadable ? try await readBack(id, found, done, client) : 0
            return exported(id.text, done, verified)
        case .open(let found, let isFresh):
            let access = DiskAccess(to: id, for: .write, client, clock: export.subscription.surroundings.clock)
            let store = try pages(access, found)
            let done = try await upload(to: store, isFresh: isFresh).run()
            export.progress(.step("complete \(id)"))
            try await access.end()
            try await making.checkComplete(disk)
            return exported(id.text, done, try await readBack(id, found, done, client))
        }
    }

    /// One transport for each lane: it knows which address its last request used.
    private func pages(_ access: DiskAccess, _ found: JSONValue) throws(EngineError) -> any PageStore {
        let surroundings = export.subscription.surroundings
        let wantsToken = found["properties"]?["dataAccessAuthMode"]?.string == "AzureActiveDirectory"
        let tokens = wantsToken ? try export.subscription.tokens(for: AzureEndpoints.diskAudience) : nil
        return BlobPages(
            name: "managed disk \(disk.name)", object: "",
            transports: (0...settings.parallelism).map { _ in
                ObjectTransport(
                    DiskService(access, tokens: tokens), trust: surroundings.trust, parallelism: 1,
                    policy: surroundings.policy, clock: surroundings.clock, logger: surroundings.logger)
            })
    }

    /// Compares the disk with what was sent, once its upload has ended.
    private func readBack(
        _ id: ResourceID, _ found: JSONValue, _ done: PageUpload.Done, _ client: ResourceClient
    ) async throws(EngineError) -> UInt64 {
        guard depth != .off else { return 0 }
        let access = DiskAccess(to: id, for: .read, client, clock: export.subscription.surroundings.clock)
        do throws(EngineError) {
            let count = try await verify(try pages(access, found), done)
            try await access.end()
            return count
        } catch {
            await detached { try? await access.end() }
            throw error
        }
    }

    // MARK: Page blobs

    private func throughBlob(_ container: BlobContainer) async throws(EngineError) -> AzureExported.Disk {
        guard let name = disk.blob else { throw EngineError(.bug, "disk \(disk.label) has no blob") }
        let id = container.id(of: name)
        let isFresh = try await makeBlob(id, container)
        let store = container.pages(of: name)
        let done = try await upload(to: store, isFresh: isFresh).run()
        let verified = try await verify(store, done)
        guard let making else { return exported(id.text, done, verified) }
        try await making.imported(disk, from: id)
        return exported(making.id(of: disk).text, done, verified, blob: id.text)
    }

    /// - Returns: whether this run made it.
    private func makeBlob(_ id: ResourceID, _ container: BlobContainer) async throws(EngineError) -> Bool {
        if export.file.isNoted(id), try await container.run(of: id.name) == export.run { return false }
        try export.file.mark(disk.name, AzureJournal.Mark())
        try export.file.making(id)
        export.progress(.step("create \(id)"))
        do throws(EngineError) {
            try await container.make(id.name, size: disk.uploadSize, run: export.run)
        } catch {
            if error.kind == .alreadyExists { try export.file.forget(id) }
            throw error
        }
        try export.file.made(id)
        return true
    }

    // MARK: Both

    private func upload(to store: any PageStore, isFresh: Bool) -> PageUpload {
        PageUpload(
            store: store, disk: disk, source: source, parallelism: settings.parallelism, line: export.line,
            keepsSums: depth != .off, journal: export.file, isFresh: isFresh, progress: export.progress)
    }

    /// Whoever goes on after bytes were found to differ sends all of them again.
    private func verify(_ store: any PageStore, _ done: PageUpload.Done) async throws(EngineError) -> UInt64 {
        do throws(EngineError) {
            return try await PageVerification(
                store: store, disk: disk, reader: PaddedDisk(disk: source.reader, size: disk.size), upload: done,
                depth: depth, parallelism: settings.parallelism, line: export.line, progress: export.progress
            ).run()
        } catch {
            if error.kind == .corrupt { try export.file.mark(disk.name, AzureJournal.Mark()) }
            throw error
        }
    }

    private func exported(
        _ id: String, _ done: PageUpload.Done, _ verified: UInt64, blob: String? = nil
    ) -> AzureExported.Disk {
        AzureExported.Disk(
            label: disk.label, name: disk.name, id: id, size: disk.size, used: done.ledger.used,
            sent: done.ledger.sentBytes, resumed: done.resumed, verified: verified, blob: blob)
    }
}
