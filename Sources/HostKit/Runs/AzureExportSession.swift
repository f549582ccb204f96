import AHV
import Azure
import Codecs
import Engine
import Glibc

/// An export to Azure from the command line: finds the restore point, looks at its disks, plans, carries out, reports.
struct AzureExportSession: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings
    /// Whether stdout gets events instead of words.
    private let events: Bool
    private let points: RestorePoints

    private var console: Console { surroundings.console }

    init(_ configuration: HostConfiguration, in surroundings: Surroundings, events: Bool) throws(EngineError) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.events = events
        points = try RestorePoints(configuration, in: surroundings)
    }

    /// - Parameter place: an entry of `azure`.
    func run(
        _ choice: AzureExportChoice, of arguments: PointArguments, to place: String
    ) async throws(EngineError) -> ExitStatus {
        let entry = try configuration.azure.entry(named: place, at: "--to")
        let subscription = try entry.value.subscription(
            try choice.changes(of: entry.value, named: entry.name), in: surroundings.context(of: configuration))
        let found = try await points.find(arguments.reference, repository: arguments.repository, vm: arguments.vm)
        try configuration.cache.prepare()
        let journal = try journal(of: found, to: entry.name)
        if choice.discards { return try await discard(journal, at: subscription) }
        let exported = try await RepositoryAccess(configuration, in: surroundings).use(found.repository) {
            open throws(EngineError) in
            let manifest = try await open.repository.manifest(found.stored)
            let display = RunDisplay.make(on: console, events: events)
            defer { display.end() }
            let exporter = Exporter(
                repository: open.repository, index: open.index, leases: configuration.cache.leases,
                progress: display.sink)
            return try await export(choice, manifest, exporter, subscription, journal, display)
        }
        guard let exported else { return .done }
        let text = AzureExportText(exported, of: found)
        console.say(events ? try JSONOutput.line(AzureExportEvent(exported, of: found)) : text.text)
        return .done
    }

    /// Nil when only the plan was asked for.
    private func export(
        _ choice: AzureExportChoice, _ manifest: Manifest, _ exporter: Exporter, _ subscription: AzureSubscription,
        _ journal: String, _ display: RunDisplay
    ) async throws(EngineError) -> AzureExported? {
        let disks = try choice.ordered(manifest.disks)
        let described = ExportedConfiguration(
            try await exporter.configuration(of: manifest), name: manifest.vm.name,
            disks: disks.map { ($0.address, $0.size) })
        let report = try await look(choice, disks, manifest, described, exporter)
        let partitions = try await exporter.withReaders(Array(disks.prefix(1)), of: manifest) {
            readers throws(EngineError) -> PartitionTable? in
            guard let first = readers.first else { return nil }
            return try await PartitionTable.read(first)
        }
        let request = choice.request(
            for: manifest, disks, described, partitions: partitions, report,
            configured: subscription.settings.network)
        let left = choice.resumes ? try AzureJournal.read(journal) : nil
        if choice.resumes, left == nil {
            console.note("nothing is left of an interrupted export: this one begins anew")
        }
        let plan = try await subscription.plan(request, resuming: left)
        let remarks = plan.remarks + described.remarks
        guard !choice.isDryRun else {
            try show(plan)
            return nil
        }
        for remark in remarks { console.note("note: \(remark)") }
        let progress = AzureProgressDisplay(display, vm: manifest.vm.name, disks.map(\.address))
        let formats = try disks.map { disk throws(EngineError) in try format(of: disk, manifest) }
        return try await exporter.withReaders(disks, of: manifest) { readers throws(EngineError) in
            try await AzureExport(
                subscription, plan: plan,
                sources: zip(readers, formats).map { AzureExport.Source($0, as: $1) }, journal: journal,
                progress: progress.sink
            ).run()
        }
    }

    private func look(
        _ choice: AzureExportChoice, _ disks: [Manifest.Disk], _ manifest: Manifest,
        _ described: ExportedConfiguration, _ exporter: Exporter
    ) async throws(EngineError) -> PreflightReport? {
        guard choice.looksAtDisks else { return nil }
        let preflight = AzurePreflight(choice.preflight(of: described), unpacking: StreamUnpackers.all)
        let report = try await exporter.inspect(disks, of: manifest, by: preflight)
        if events {
            for finding in report.findings { console.say(try JSONOutput.line(PreflightEvent(finding))) }
        } else {
            let lines = PreflightText(report, isWhole: choice.isDryRun).lines
            for line in lines { choice.isDryRun ? console.say(line) : console.note(line) }
        }
        return report
    }

    private func show(_ plan: AzurePlan) throws(EngineError) {
        if events { return console.say(try JSONOutput.line(AzurePlanEvent(plan))) }
        for line in plan.lines { console.say(line.printable(keepsLines: false)) }
    }

    /// The same bytes as `export disk --format vhd --variant azure`.
    private func format(of disk: Manifest.Disk, _ manifest: Manifest) throws(EngineError) -> any ImageFormat {
        let settings = [
            "variant": "azure", "id": ImageID.named("\(manifest.id) \(disk.address)").description,
            "time": manifest.created.description,
        ]
        return try ImageFormats(surroundings).make(FormatChoice(type: "vhd", settings: settings))
    }

    /// One for each restore point and subscription.
    private func journal(of found: FoundPoint, to place: String) throws(EngineError) -> String {
        let folder = configuration.cache.azureExports
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system("make the folder", folder) }
        return "\(folder)/\(place)-\(found.id).json"
    }

    private func discard(
        _ journal: String, at subscription: AzureSubscription
    ) async throws(EngineError) -> ExitStatus {
        let left = try await subscription.discard(journal: journal)
        if events {
            console.say(try JSONOutput.line(AzureDiscardEvent(left)))
        } else if left.isEmpty {
            console.say("removed what the interrupted export had left")
        } else {
            let names = left.map { "\($0.kind.title) \($0.name)" }.joined(separator: ", ")
            console.warn("could not be removed: \(names)")
        }
        return left.isEmpty ? .done : .incomplete
    }
}
