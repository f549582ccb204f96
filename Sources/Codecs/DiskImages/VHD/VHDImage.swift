package import Engine

/// The disks of Virtual PC, of Hyper-V's first generation, and of Azure.
package struct VHDImage: ImageFormat {
    package static let name = "vhd"
    package static let summary = "VHD: Hyper-V, Azure, Xen; up to 2040 GiB"
    package static let variants = [
        ImageVariant("dynamic", "only the blocks that hold data", canStream: true, canResume: true),
        ImageVariant("fixed", "the disk's bytes and a footer", canStream: true, canResume: true),
        ImageVariant("azure", "fixed, whole MiB and at least 20, as Azure demands", canStream: true, canResume: true),
    ]
    package static let fileExtensions = ["vhd"]

    package let variant: ImageVariant
    private let settings: Settings

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        variant = try Self.variant(named: settings.variant)
        self.settings = settings
        let block = settings.blockSize.bytes
        guard [512 << 10, 2 << 20].contains(block) else {
            throw EngineError(.configuration, "`block-size` must be `512KiB` or `2MiB`, not \(block) bytes")
        }
    }

    package func recognition(of storage: any ImageStorage) async throws(EngineError) -> ImageRecognition {
        guard storage.size >= UInt64(VHDFooter.size) else { return .no }
        let end = try await storage.fields(
            at: storage.size - UInt64(VHDFooter.size), count: VHDFooter.size, what: "the footer")
        let start = try await storage.fields(at: 0, count: VHDFooter.size, what: "the copy of the footer")
        let isOurs =
            VHDFooter.hasCookie(end) || end.has(VHDLayout.footerCookie, at: 1) || VHDFooter.hasCookie(start)
        return isOurs ? .certain : .no
    }

    package func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        try await VHDReader.open(storage)
    }

    package func check(_ storage: any ImageStorage) async throws(EngineError) -> ImageCheck {
        try await VHDInspection(storage).run()
    }

    package func write(
        _ disk: any BlockReader, to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage {
        let size = try roundedSize(of: disk)
        let footer = VHDFooter(
            size: size, kind: variant.name == "dynamic" ? .dynamic : .fixed, id: settings.id ?? .random(),
            time: settings.time?.time ?? .now())
        let writer = VHDWriter(footer: footer, disk: disk, progress: progress)
        let sink = try await destination.begin(destination.name)
        let fileSize =
            footer.kind == .fixed
            ? try await writer.writeFixed(to: sink)
            : try await writer.writeDynamic(
                to: sink, isStream: destination.isStream, blockSize: UInt64(settings.blockSize.bytes))
        var written = WrittenImage(diskSize: size, fileSize: fileSize)
        if size != disk.size { written.remarks.append("the disk was extended by \(size - disk.size) bytes of zeros") }
        return written
    }

    /// - Throws: `.unsupported` for a disk that is too large or has no bytes.
    private func roundedSize(of disk: any BlockReader) throws(EngineError) -> UInt64 {
        let isForAzure = variant.name == "azure"
        let unit = isForAzure ? 1 << 20 : VHDLayout.sector
        let most = isForAzure ? VHDLayout.mostForAzure : VHDLayout.mostSectors * VHDLayout.sector
        guard disk.size > 0 else { throw EngineError(.unsupported, "a VHD cannot hold a disk of no bytes") }
        guard disk.size <= most else {
            throw EngineError(
                .unsupported,
                "the disk has \(ByteCount(disk.size)), a VHD at most \(ByteCount(most)): "
                    + (isForAzure ? "Azure takes no larger one" : "use VHDX, or the variant `azure` for Azure"))
        }
        return max((disk.size + unit - 1) / unit * unit, isForAzure ? VHDLayout.leastForAzure : 0)
    }
}

extension VHDImage {
    package struct Settings: PluginSettings {
        let variant: String
        let blockSize: ByteSize
        let id: ImageID?
        let time: ImageTime?

        package static let fields: [Field] = [
            .defaulted("variant", "dynamic", "what is written: `dynamic`, `fixed` or `azure`"),
            .defaulted("block-size", "2MiB", "bytes of a block of a dynamic disk: `2MiB` or `512KiB`"),
            .optional("id", "the disk's UUID; a random one when absent"),
            .optional("time", "when the disk was made, in UTC; now when absent"),
        ]

        enum CodingKeys: String, CodingKey {
            case variant
            case blockSize = "block-size"
            case id, time
        }
    }
}
