import AHV
import ArgumentParser
import Engine

/// `ahvault import ova FILE`
struct ImportOVA: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "ova",
        abstract: "Make a restore point of an OVA, or of an OVF with its disks beside it.",
        discussion: """
            Name, processors, memory, firmware and the buses of the disks are those of the OVF; the manifest's digests \
            are compared first. `ahvault restore vm` makes the VM on a cluster, without network cards: add them there.

            EXAMPLES
              ahvault import ova web-01.ova --repository main
              ahvault import ova export/web-01.ovf --vm web-01-moved
            """)

    @Argument(help: "The OVA or OVF file.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("Name of the VM (default: the OVF's).", valueName: "name"))
    var vm: String?
    @OptionGroup var repository: RepositoryOption
    @Flag(help: "Do not compare the files with the manifest first.")
    var noVerify = false
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: EventOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let package = try await OVAPackage.open(try FileStorage(file))
        for remark in package.remarks { surroundings.console.warn("\(file): \(remark)") }
        if !noVerify { try await package.verify() }
        let machine = try await machine(of: package, ImageFormats(surroundings))
        var options = BackupOptions()
        options.isFull = true
        let session = BackupSession(configuration, in: surroundings, events: output.json)
        return try await session.importMachine(machine, to: repository.repository, options)
    }

    private func machine(
        of package: OVAPackage, _ formats: ImageFormats
    ) async throws(EngineError) -> ImportedMachine {
        let described = package.description.machine
        var disks: [ImportedMachine.Disk] = []
        var next: [String: Int] = [:]
        for disk in described.disks where disk.file != nil {
            let storage = try await package.file(of: disk)
            let image = try await formats.format(of: storage, given: nil).open(storage)
            let bus = Self.bus(of: disk, described)
            let index = next[bus, default: 0]
            next[bus] = index + 1
            disks.append(
                ImportedMachine.Disk(address: DiskAddress(bus: bus, index: index), content: image, name: storage.name))
        }
        guard !disks.isEmpty else { throw EngineError(.unsupported, "\(file) has no disk with a file") }
        let name = vm ?? described.name
        var configuration = ImportedConfiguration(name: name)
        configuration.processors = described.processors
        configuration.memory = described.memory
        configuration.firmware = described.firmware == .bios ? .bios : described.hasSecureBoot ? .secure : .uefi
        configuration.disks = disks.map { ($0.address, $0.content.size) }
        return ImportedMachine(name: name, disks: disks, configuration: configuration.json)
    }

    /// AHV has no NVMe and no controller without a name: those become SCSI.
    private static func bus(of disk: OVFMachine.Disk, _ machine: OVFMachine) -> String {
        guard let number = disk.controller, machine.controllers.indices.contains(number) else { return "scsi" }
        let kind = machine.controllers[number].kind
        return kind == .sata || kind == .ide ? kind.rawValue : "scsi"
    }
}
