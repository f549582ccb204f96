import ArgumentParser
import Engine

/// `ahvault restore disk POINT`
struct RestoreDiskCommand: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk",
        abstract: "Make one disk of a restore point anew, at a VM or as a volume group.",
        discussion: """
            The disk is named by its address, such as scsi.1, or by its id; `ahvault points show` lists both.

            EXAMPLES
              ahvault restore disk latest --vm db-01 --disk scsi.1 --attach-to db-01
              ahvault restore disk 20261122-1830 --disk scsi.0 --attach-to rescue --at scsi.2
              ahvault restore disk latest --vm db-01 --disk scsi.1 --to-volume-group db-01-files
            """)

    @OptionGroup var point: PointArguments
    @Option(help: ArgumentHelp("The disk's address or id in the restore point.", valueName: "disk"))
    var disk: String
    @Option(help: ArgumentHelp("Name or id of the VM that gets the disk.", valueName: "vm"))
    var attachTo: String?
    @Option(
        help: ArgumentHelp("Where it is plugged in (default: the next free place of its bus).", valueName: "address"))
    var at: String?
    @Option(help: ArgumentHelp("Name of the volume group that holds the disk.", valueName: "name"))
    var toVolumeGroup: String?
    @OptionGroup var config: ConfigOption
    @OptionGroup var source: RestoreSourceOption
    @OptionGroup var mapping: PlaceOptions
    @OptionGroup var output: EventOption

    func validate() throws {
        guard (attachTo == nil) != (toVolumeGroup == nil) else {
            throw ValidationError("give either --attach-to or --to-volume-group")
        }
        if let at {
            guard attachTo != nil else { throw ValidationError("--at goes with --attach-to") }
            guard DiskAddress(at) != nil else {
                throw ValidationError("--at takes an address such as scsi.2, not \(at)")
            }
        }
    }

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let configuration = try surroundings.configuration(config)
        let session = try RestoreSessionPlan(configuration, in: surroundings, events: output.json)
        let (disk, destination, mapping) = (disk, try destination(), mapping.mapping)
        let subject: RestoredThing = attachTo == nil ? .volumeGroup(disk: disk) : .attachedDisk(disk)
        return try await session.run(subject, of: point, source: source.source) {
            restorer, manifest, source throws(EngineError) in
            try await restorer.restoreDisk(
                manifest, disk: disk, to: destination, mapping: mapping, source: source)
        }
    }

    private func destination() throws(EngineError) -> DiskRestoreRequest.Destination {
        if let attachTo { return .attach(vm: attachTo, at: at.flatMap { DiskAddress($0) }) }
        guard let toVolumeGroup else {
            throw EngineError(.configuration, "give either --attach-to or --to-volume-group")
        }
        return .volumeGroup(name: toVolumeGroup)
    }
}
