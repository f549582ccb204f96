import AHV
import ArgumentParser
import Engine

/// `ahvault import disk FILE…`
struct ImportDisk: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk",
        abstract: "Make a restore point of disk images: the way into AHV from another hypervisor.",
        discussion: """
            The images, of any format of `ahvault image formats`, become the disks of a VM, in the order given. \
            `ahvault restore vm` makes the VM on a cluster, without network cards: add them there. Firmware is told by \
            the first disk unless --firmware is given. Importing the same name again makes its next restore point.

            EXAMPLES
              ahvault import disk web-01.vmdk --vm web-01 --repository main
              ahvault import disk system.vhdx data.vhdx --vm db-01 --cpus 8 --memory 32GiB --firmware uefi
              ahvault restore vm latest --vm web-01 --source lab --cluster c1 --container default
            """)

    @Argument(help: "The images, the one that the VM starts from first.", completion: .file())
    var images: [String]
    @Option(help: ArgumentHelp("Name of the VM.", valueName: "name"))
    var vm: String
    @OptionGroup var repository: RepositoryOption
    @Option(help: ArgumentHelp("Number of virtual processors.", valueName: "number"))
    var cpus = 2
    @Option(help: ArgumentHelp("Memory of the VM, such as 8GiB.", valueName: "size"))
    var memory = "4GiB"
    @Option(help: ArgumentHelp("bios, uefi, or secure for UEFI with secure boot.", valueName: "firmware"))
    var firmware: ImportedFirmware?
    @Option(help: ArgumentHelp("The bus of the disks: scsi, sata, ide or pci.", valueName: "bus"))
    var bus = "scsi"
    @Option(help: ArgumentHelp("Take the images for this format, whatever they look like.", valueName: "format"))
    var inputFormat: String?
    @Option(
        help: ArgumentHelp(
            "Folder below which parents and extents that images name may lie (default: their own).",
            valueName: "folder"))
    var allow: String?
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: EventOption

    func validate() throws {
        guard (1...4096).contains(cpus) else { throw ValidationError("--cpus takes a number from 1 to 4096") }
        guard let memory = ByteSize(memory), memory.bytes >= 1 << 20, memory.bytes % (1 << 20) == 0 else {
            throw ValidationError("--memory takes a whole number of MiB, such as 8GiB")
        }
        guard ["scsi", "sata", "ide", "pci"].contains(bus.lowercased()) else {
            throw ValidationError("--bus takes scsi, sata, ide or pci")
        }
        guard !vm.isEmpty else { throw ValidationError("--vm needs a name") }
        guard !images.isEmpty else { throw ValidationError("give an image") }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let machine = try await machine(surroundings)
        var options = BackupOptions()
        options.isFull = true
        let session = BackupSession(configuration, in: surroundings, events: output.json)
        return try await session.importMachine(machine, to: repository.repository, options)
    }

    private func machine(_ surroundings: Surroundings) async throws(EngineError) -> ImportedMachine {
        let formats = ImageFormats(surroundings)
        var disks: [ImportedMachine.Disk] = []
        for (index, path) in images.enumerated() {
            let storage = try FileStorage(path, relatedBelow: allow)
            let image = try await formats.format(of: storage, given: inputFormat).open(storage)
            for remark in image.facts.remarks { surroundings.console.warn("\(path): \(remark)") }
            surroundings.console.note(
                "\(path): \(image.facts.format) \(image.facts.variant), \(ByteCount(image.size)) of disk")
            disks.append(
                ImportedMachine.Disk(address: DiskAddress(bus: bus, index: index), content: image, name: path))
        }
        var configuration = ImportedConfiguration(name: vm)
        configuration.processors = cpus
        configuration.memory = UInt64(max(0, ByteSize(memory)?.bytes ?? 0))
        configuration.firmware = try await chosenFirmware(disks, surroundings.console)
        configuration.disks = disks.map { ($0.address, $0.content.size) }
        return ImportedMachine(name: vm, disks: disks, configuration: configuration.json)
    }

    private func chosenFirmware(
        _ disks: [ImportedMachine.Disk], _ console: Console
    ) async throws(EngineError) -> ImportedConfiguration.Firmware {
        if let firmware { return firmware.value }
        guard let first = disks.first else { return .bios }
        let table = try await PartitionTable.read(first.content)
        let found: ImportedConfiguration.Firmware = table.hasEFISystem ? .uefi : .bios
        console.note("\(first.name) \(table.hasEFISystem ? "has" : "has no") EFI system partition: \(found.rawValue)")
        return found
    }
}

/// `--firmware`.
enum ImportedFirmware: String, ExpressibleByArgument, CaseIterable, Sendable {
    case bios, uefi, secure

    var value: ImportedConfiguration.Firmware {
        switch self {
        case .bios: .bios
        case .uefi: .uefi
        case .secure: .secure
        }
    }
}
