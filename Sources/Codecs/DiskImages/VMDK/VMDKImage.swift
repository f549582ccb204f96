package import Engine

/// The disks of VMware, and of much else.
package struct VMDKImage: ImageFormat {
    package static let name = "vmdk"
    package static let summary = "VMDK: VMware and VirtualBox; streams for OVF, sparse and flat files"
    package static let variants = [
        ImageVariant("streamOptimized", "compressed, front to back: for OVF and for sending", canStream: true),
        ImageVariant("monolithicSparse", "one file with the grains that hold data", canStream: true, canResume: true),
        ImageVariant("monolithicFlat", "a descriptor beside the disk's bytes", canStream: false),
        ImageVariant("twoGbMaxExtentSparse", "sparse files of at most 2047 MiB of the disk each", canStream: false),
        ImageVariant("vmfs", "a descriptor beside the disk's bytes, as ESXi runs it", canStream: false),
    ]
    package static let fileExtensions = ["vmdk"]

    package let variant: ImageVariant
    private let settings: Settings

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        variant = try Self.variant(named: settings.variant)
        self.settings = settings
        guard (1...99).contains(settings.hardwareVersion) else {
            throw EngineError(
                .configuration, "`hardware-version` must be from 1 to 99, not \(settings.hardwareVersion)")
        }
    }

    package func recognition(of storage: any ImageStorage) async throws(EngineError) -> ImageRecognition {
        guard storage.size >= 8 else { return .no }
        let start = try await storage.fields(at: 0, count: Int(min(storage.size, 1024)), what: "the header")
        let isOne =
            start.has(VMDKLayout.sparseMagic, at: 0) || start.has(VMDKLayout.cowdMagic, at: 0)
            || SESparseHeader.isOne(start) || VMDKDescriptor.recognizes(start.bytes)
        return isOne ? .certain : .no
    }

    package func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        try await VMDKReader.open(storage)
    }

    package func check(_ storage: any ImageStorage) async throws(EngineError) -> ImageCheck {
        try await VMDKInspection(storage).run()
    }

    package func write(
        _ disk: any BlockReader, to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage {
        guard disk.size > 0 else { throw EngineError(.unsupported, "a VMDK cannot hold a disk of no bytes") }
        guard disk.size <= VMDKLayout.mostBytes else {
            throw EngineError(.unsupported, "the disk has \(ByteCount(disk.size)), a VMDK at most 1 PiB")
        }
        guard variant.canStream || !destination.isStream else {
            throw EngineError(
                .unsupported,
                "a \(variant.name) VMDK has several files, which are no stream: use `streamOptimized` or write to files"
            )
        }
        let whole = VMDKLayout.sectors(disk.size) * VMDKLayout.sector
        let window = DiskWindow(disk, ByteRange(0, whole))
        let job = VMDKWriteJob(
            disk: whole == disk.size ? disk : window, destination: destination, variant: variant.name,
            adapter: settings.adapterType, hardwareVersion: settings.hardwareVersion, id: settings.id ?? .random(),
            isThin: settings.thin, effort: settings.compression, progress: progress)
        var written = WrittenImage(diskSize: whole, fileSize: try await job.run())
        if whole != disk.size {
            written.remarks.append("the disk was extended by \(whole - disk.size) bytes of zeros")
        }
        return written
    }
}

extension VMDKImage {
    package struct Settings: PluginSettings {
        let variant: String
        let adapterType: VMDKAdapter
        let hardwareVersion: Int
        let compression: DeflateEffort
        let thin: Bool
        let id: ImageID?

        package static let fields: [Field] = [
            .defaulted("variant", "streamOptimized", "what is written, such as `monolithicSparse` or `vmfs`"),
            .defaulted(
                "adapter-type", "lsilogic", "the controller: `lsilogic`, `pvscsi`, `buslogic`, `ide`, `legacyESX`"),
            .defaulted("hardware-version", "13", "VMware's virtual hardware: 13 is that of ESXi 6.5 and later"),
            .defaulted(
                "compression", "balanced",
                "of `streamOptimized`: `fast` (ISA-L), `balanced` or `small` (libdeflate)"),
            .defaulted("thin", "true", "of `vmfs`: whether ESXi shall take the disk for a thin one"),
            .optional("id", "the disk's UUID, from which all of the file's ids follow; a random one when absent"),
        ]

        enum CodingKeys: String, CodingKey {
            case variant, compression, thin, id
            case adapterType = "adapter-type"
            case hardwareVersion = "hardware-version"
        }
    }
}
