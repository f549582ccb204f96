import Engine
import Targets

/// One run of an export: makes what the plan names, in order, noting everything in the journal first.
struct ExportWork: Sendable {
    let subscription: AzureSubscription
    let plan: AzurePlan
    let sources: [AzureExport.Source]
    let file: JournalFile
    let progress: AzureProgressSink
    /// Nil when only VHDs are uploaded.
    let client: ResourceClient?
    /// Nil for direct upload.
    let container: BlobContainer?
    /// In front of all uploads.
    let line: WaitingLine
    let run: String

    /// Disks that are uploaded side by side: each has its buffers.
    private static let disksAtOnce = 4

    init(_ export: AzureExport, _ file: JournalFile) throws(EngineError) {
        subscription = export.subscription
        plan = export.plan
        sources = export.sources
        self.file = file
        progress = export.progress
        client = plan.mode == .uploadOnly ? nil : try ResourceClient(subscription)
        container = plan.mode == .managedDisks ? nil : try BlobContainer(subscription)
        line = WaitingLine(places: subscription.settings.connections)
        run = file.journal.run
    }

    func run() async throws(EngineError) -> AzureExported {
        let started = Stopwatch.now()
        guard let client else {
            let disks = try await disks(nil)
            return exported(nil, false, disks, [], started)
        }
        let makers = ResourceMaking(client: client, file: file, run: run, progress: progress)
        let documents = ResourceDocuments(
            plan: plan, settings: subscription.settings, group: client.group,
            tags: ResourceTags(subscription.settings, plan.request, run: run).json)
        try await makers.makeGroup(plan, documents)
        let disks = try await disks(DiskMaking(makers: makers, documents: documents))
        let network = NetworkMaking(makers: makers, documents: documents, plan: plan)
        try await network.makeShared()
        let interface = try await network.makeInterface()
        let machine = ResourceID(.virtualMachine, plan.name, in: client.group)
        try await makers.make(machine, documents.machine(interface: interface.text))
        let (isRunning, remarks) = await power(machine, client)
        return exported(machine.text, isRunning, disks, remarks, started)
    }

    /// A VM starts when it is made. That it cannot be stopped is no reason to take everything back.
    private func power(_ machine: ResourceID, _ client: ResourceClient) async -> (Bool, [String]) {
        guard !plan.request.powersOn else { return (true, []) }
        progress(.step("stop \(machine)"))
        do throws(EngineError) {
            _ = try await client.post(machine, "deallocate")
            return (false, [])
        } catch {
            return (true, ["the VM runs and its processors are billed: \(error.message)"])
        }
    }

    private func disks(_ making: DiskMaking?) async throws(EngineError) -> [AzureExported.Disk] {
        let work = zip(plan.disks, sources).map { disk, source in
            DiskTransfer(export: self, making: making, disk: disk, source: source)
        }
        do {
            return try await withThrowingTaskGroup(of: (Int, AzureExported.Disk).self) { group in
                var next = 0
                func begin() {
                    guard next < work.count else { return }
                    let (index, one) = (next, work[next])
                    next += 1
                    group.addTask { (index, try await one.run()) }
                }
                for _ in 0..<Self.disksAtOnce { begin() }
                var done: [(Int, AzureExported.Disk)] = []
                while let result = try await group.next() {
                    done.append(result)
                    try Task.checkCancellation()
                    begin()
                }
                return done.sorted { $0.0 < $1.0 }.map(\.1)
            }
        } catch {
            throw EngineError(error)
        }
    }

    private func exported(
        _ machine: String?, _ isRunning: Bool, _ disks: [AzureExported.Disk], _ remarks: [String], _ started: Double
    ) -> AzureExported {
        AzureExported(
            machine: machine, isRunning: isRunning, disks: disks, run: run, remarks: plan.remarks + remarks,
            seconds: Stopwatch.now() - started)
    }
}
