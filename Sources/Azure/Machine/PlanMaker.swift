import Engine

/// Makes the plan of an export: looks at what there is, and checks everything that can be known before anything is made.
struct PlanMaker: Sendable {
    let subscription: AzureSubscription
    let request: AzureExportRequest
    let journal: AzureJournal?

    private var settings: AzureSubscription.Settings { subscription.settings }

    func plan() async throws(EngineError) -> AzurePlan {
        guard !request.disks.isEmpty else {
            throw EngineError(.unsupported, "the restore point has no disks: a VM in Azure needs one to start from")
        }
        let name = request.name ?? ResourceName.plain(request.vmName)
        try ResourceName.check(name, of: .virtualMachine)
        let disks = try DiskPlanning(request: request, settings: settings, name: name).disks()
        return settings.mode == .uploadOnly
            ? try await uploadPlan(name, disks) : try await machinePlan(name, disks)
    }

    /// Blobs alone.
    private func uploadPlan(_ name: String, _ disks: [AzurePlan.Disk]) async throws(EngineError) -> AzurePlan {
        let container = try BlobContainer(subscription)
        try checkJournal(place: container.place)
        let entries = try await blobEntries(disks, container)
        return AzurePlan(
            request: request, mode: .uploadOnly, name: name, location: container.place, disks: disks,
            entries: entries, machineSize: nil, generation: nil, network: NetworkChoice(), remarks: [],
            resumed: journal)
    }

    private func machinePlan(_ name: String, _ disks: [AzurePlan.Disk]) async throws(EngineError) -> AzurePlan {
        let client = try ResourceClient(subscription)
        try checkJournal(place: client.group.text)
        guard request.guest != nil else {
            throw EngineError(.configuration, "Azure wants to know what the VM runs: --os linux or --os windows")
        }
        let generation = try GenerationChoice.choose(
            request.generation, boot: request.boot, partitions: request.disks.first?.partitions)
        try checkMachine(generation, disks)
        let location = settings.location?.lowercased().filter { $0 != " " } ?? ""
        var entries = try await groupEntries(client, location)
        let isNewGroup = entries.first?.action == .create
        let scene = PlanScene(
            client: client, location: location, journal: journal, isNewGroup: isNewGroup,
            settings: settings, request: request)
        let chosen = try await SizeChoice(
            client: client, location: location, needs: needs(generation, disks), wanted: request.size
        ).choose()
        if settings.mode == .pageBlobs {
            try await scene.checkStorageAccount()
            entries += try await blobEntries(disks, try BlobContainer(subscription))
        }
        entries += try await scene.disks(disks)
        entries += try await scene.network()
        entries += try await scene.machine(name, chosen.size)
        return AzurePlan(
            request: request, mode: settings.mode, name: name, location: location, disks: disks, entries: entries,
            machineSize: chosen.size, generation: generation, network: scene.choice,
            remarks: chosen.remarks + remarks(disks), resumed: journal)
    }

    private func needs(_ generation: AzureExportRequest.Generation, _ disks: [AzurePlan.Disk]) -> SizeNeeds {
        SizeNeeds(
            cpus: request.cpus, memory: request.memory, dataDisks: disks.count - 1, generation: generation,
            isPremium: settings.diskType.isPremium, isAccelerated: request.acceleratedNetworking, zone: settings.zone)
    }

    /// - Throws: `.configuration` when the journal is of another export.
    private func checkJournal(place: String) throws(EngineError) {
        guard let journal else { return }
        guard journal.subject == request.subject, journal.place == place else {
            throw EngineError(
                .configuration,
                "the interrupted export was of \(journal.vmName), restore point \(journal.restorePoint), to "
                    + "\(journal.place): it cannot go on with other disks or elsewhere")
        }
    }

    private func checkMachine(
        _ generation: AzureExportRequest.Generation, _ disks: [AzurePlan.Disk]
    ) throws(EngineError) {
        guard let boot = disks.first else { return }
        let most = generation == .first ? AzureLimits.largestFirstGenerationBootDisk : AzureLimits.largestBootDisk
        guard boot.size <= most else {
            throw EngineError(
                .unsupported,
                "disk \(boot.label) has \(ByteCount(boot.size)): Azure starts VMs of this generation from disks of at most "
                    + "\(ByteCount(most))")
        }
        guard disks.count <= 65 else {
            throw EngineError(.unsupported, "the VM has \(disks.count) disks, a VM in Azure at most 65")
        }
        if request.trustedLaunch, generation == .first {
            throw EngineError(.configuration, "trusted launch needs a VM of generation 2")
        }
    }

    private func remarks(_ disks: [AzurePlan.Disk]) -> [String] {
        zip(request.disks, disks).compactMap { source, disk in
            source.size == disk.size
                ? nil : "disk \(disk.label) is extended by \(ByteCount(disk.size - source.size)) of zeros"
        }
    }

    private func groupEntries(_ client: ResourceClient, _ location: String) async throws(EngineError) -> [AzurePlan
        .Entry]
    {
        let group = client.group
        func entry(_ action: AzurePlan.Action, _ detail: String) -> AzurePlan.Entry {
            AzurePlan.Entry(
                kind: .resourceGroup, name: group.name, id: group.text, action: action, detail: detail)
        }
        if let found = try await client.find(group) {
            let isOurs = journal?.entries.contains { $0.id == group.text } == true
            return [entry(isOurs ? .continue : .use, "in \(found["location"]?.string ?? location)")]
        }
        guard settings.createsResourceGroup else {
            throw EngineError(
                .configuration,
                "there is no resource group \(group.name): make it, or set `createsResourceGroup: true`")
        }
        return [entry(.create, "in \(location)")]
    }

    /// - Throws: `.alreadyExists` when there is a blob of that name that no interrupted export has left.
    private func blobEntries(
        _ disks: [AzurePlan.Disk], _ container: BlobContainer
    ) async throws(EngineError) -> [AzurePlan.Entry] {
        var entries: [AzurePlan.Entry] = []
        for disk in disks {
            guard let blob = disk.blob else { continue }
            let id = container.id(of: blob)
            let run = try await container.run(of: blob)
            var action = AzurePlan.Action.create
            if let run {
                guard let journal, run == journal.run, journal.entries.contains(where: { $0.id == id.text }) else {
                    throw EngineError(
                        .alreadyExists, "\(id.text) is there already: remove it, or choose another name")
                }
                action = .continue
            }
            entries.append(
                AzurePlan.Entry(
                    kind: .blob, name: blob, id: id.text, action: action,
                    detail: "\(ByteCount(disk.size)), disk \(disk.label)"))
        }
        return entries
    }
}
