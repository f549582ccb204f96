package import Engine

/// The disks of Hyper-V.
package struct VHDXImage: ImageFormat {
    package static let name = "vhdx"
    package static let summary = "VHDX: Hyper-V; up to 64 TiB"
    package static let variants = [
        ImageVariant("dynamic", "only the blocks that hold data", canStream: true, canResume: true),
        ImageVariant("fixed", "every block, in order", canStream: true, canResume: true),
    ]
    package static let fileExtensions = ["vhdx"]

    package let variant: ImageVariant
    private let settings: Settings

    /// Up to this size of a disk, blocks are small, so that a file is hardly larger than its data.
    private static let smallDisk: UInt64 = 8 << 40

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        variant = try Self.variant(named: settings.variant)
        self.settings = settings
        guard [512, 4096].contains(settings.sectorSize.bytes) else {
            throw EngineError(
                .configuration, "`sector-size` must be 512 or 4096, not \(settings.sectorSize.bytes)")
        }
        if let block = settings.blockSize?.bytes {
            guard block > 0, VHDXLayout.blockSizes.contains(UInt64(block)), block & (block - 1) == 0 else {
                throw EngineError(
                    .configuration, "`block-size` must be a power of two from `1MiB` to `256MiB`, not \(block) bytes")
            }
        }
    }

    package func recognition(of storage: any ImageStorage) async throws(EngineError) -> ImageRecognition {
        guard storage.size >= 8 else { return .no }
        let start = try await storage.fields(at: 0, count: 8, what: "the file identifier")
        return start.has(VHDXLayout.fileSignature, at: 0) ? .certain : .no
    }

    package func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        try await VHDXReader.open(storage)
    }

    package func check(_ storage: any ImageStorage) async throws(EngineError) -> ImageCheck {
        try await VHDXInspection(storage).run()
    }

    package func write(
        _ disk: any BlockReader, to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage {
        guard disk.size > 0 else { throw EngineError(.unsupported, "a VHDX cannot hold a disk of no bytes") }
        guard disk.size <= VHDXLayout.mostBytes else {
            throw EngineError(.unsupported, "the disk has \(ByteCount(disk.size)), a VHDX at most 64 TiB")
        }
        let sector = UInt64(settings.sectorSize.bytes)
        let usual: UInt64 = disk.size <= Self.smallDisk ? 2 << 20 : 32 << 20
        let metadata = VHDXMetadata(
            blockSize: settings.blockSize.map { UInt64($0.bytes) } ?? usual, isFixed: variant.name == "fixed",
            hasParent: false, size: (disk.size + sector - 1) / sector * sector, id: settings.id ?? .random(),
            logicalSector: sector, physicalSector: 4096)
        let sink = try await destination.begin(destination.name)
        let fileSize = try await VHDXWriter(metadata: metadata, disk: disk, progress: progress)
            .write(to: sink, isStream: destination.isStream)
        var written = WrittenImage(diskSize: metadata.size, fileSize: fileSize)
        if metadata.size != disk.size {
            written.remarks.append("the disk was extended by \(metadata.size - disk.size) bytes of zeros")
        }
        return written
    }
}

extension VHDXImage {
    package struct Settings: PluginSettings {
        let variant: String
        let blockSize: ByteSize?
        let sectorSize: ByteSize
        let id: ImageID?

        package static let fields: [Field] = [
            .defaulted("variant", "dynamic", "what is written: `dynamic` or `fixed`"),
            .optional("block-size", "from `1MiB` to `256MiB`; `2MiB`, or `32MiB` for disks above 8 TiB, when absent"),
            .defaulted("sector-size", "512", "bytes of a logical sector: 512 or 4096"),
            .optional("id", "the disk's UUID, from which the file's others follow; a random one when absent"),
        ]

        enum CodingKeys: String, CodingKey {
            case variant
            case blockSize = "block-size"
            case sectorSize = "sector-size"
            case id
        }
    }
}
