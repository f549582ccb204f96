package import Engine

/// The disks of QEMU, KVM and OpenStack.
package struct QCOW2Image: ImageFormat {
    package static let name = "qcow2"
    package static let summary = "qcow2: QEMU, KVM, OpenStack; with or without compression"
    package static let variants = [
        ImageVariant("plain", "only the clusters that hold data, as they are", canStream: true, canResume: true),
        ImageVariant("zlib", "the same, deflated: read everywhere", canStream: false),
        ImageVariant("zstd", "the same, smaller and quicker: QEMU 5.1 and later", canStream: false),
    ]
    package static let fileExtensions = ["qcow2", "qcow"]

    package let variant: ImageVariant
    private let settings: Settings
    private let context: PluginContext

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        variant = try Self.variant(named: settings.variant)
        self.settings = settings
        self.context = context
        let size = settings.clusterSize.bytes
        guard size > 0, size & (size - 1) == 0, QCOW2Layout.clusterBits.contains(size.trailingZeroBitCount) else {
            throw EngineError(
                .configuration, "`cluster-size` must be a power of two from 512 to `2MiB`, not \(size) bytes")
        }
    }

    package func recognition(of storage: any ImageStorage) async throws(EngineError) -> ImageRecognition {
        guard storage.size >= 8 else { return .no }
        let start = try await storage.fields(at: 0, count: 8, what: "the header")
        return start.big(0) == QCOW2Layout.magic ? .certain : .no
    }

    package func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        try await QCOW2Reader(context: context).open(storage)
    }

    package func check(_ storage: any ImageStorage) async throws(EngineError) -> ImageCheck {
        try await QCOW2Inspection(storage, context).run()
    }

    package func write(
        _ disk: any BlockReader, to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage {
        guard variant.canStream || !destination.isStream else {
            throw EngineError(
                .unsupported,
                "a qcow2 of the variant `\(variant.name)` cannot be a stream: its header says where the tables behind the "
                    + "data are; write a file, or the variant `plain`")
        }
        let header = QCOW2Header(
            size: QCOW2Layout.diskSize(for: disk.size), clusterBits: settings.clusterSize.bytes.trailingZeroBitCount,
            compression: variant.name == "zstd" ? .zstd : .zlib)
        try header.checkRoom()
        let sink = try await destination.begin(destination.name)
        let writer = QCOW2Writer(header: header, disk: disk, sink: sink, progress: progress)
        let fileSize: UInt64
        switch (variant.name, destination.isStream) {
        case ("plain", true): fileSize = try await writer.writeStream()
        case ("plain", false): fileSize = try await writer.writeFile()
        default: fileSize = try await writer.writeFile(pressedBy: { makeEncoder() })
        }
        var written = WrittenImage(diskSize: header.size, fileSize: fileSize)
        if header.size != disk.size {
            written.remarks.append("the disk was extended by \(header.size - disk.size) bytes of zeros")
        }
        return written
    }

    /// What presses the clusters of this variant.
    private func makeEncoder() -> DeflateEncoder {
        guard variant.name == "zstd" else { return DeflateEncoder(settings.compression, .rawSmallWindow) }
        return DeflateEncoder(ZstdClusters(settings.compression))
    }
}

extension QCOW2Image {
    package struct Settings: PluginSettings {
        let variant: String
        let clusterSize: ByteSize
        let compression: DeflateEffort

        package static let fields: [Field] = [
            .defaulted("variant", "plain", "what is written: `plain`, `zlib` or `zstd`"),
            .defaulted("cluster-size", "64KiB", "from 512 to `2MiB`"),
            .defaulted("compression", "balanced", "how hard clusters are pressed: `fast`, `balanced` or `small`"),
        ]

        enum CodingKeys: String, CodingKey {
            case variant
            case clusterSize = "cluster-size"
            case compression
        }
    }
}

extension QCOW2Header {
    /// - Throws: `.unsupported` when no reader would open an image of the disk.
    fileprivate func checkRoom() throws(EngineError) {
        let l2Tables = neededL1Entries
        let tables = l2Tables + (neededL1Entries * 8 + clusterSize - 1) / clusterSize
        // Refcounts of their own blocks and table are less than one in a hundred more.
        let most = (clusterCount + tables + 16) / 100 * 101 + 128
        let blocks = (most + refcountsInBlock - 1) / refcountsInBlock
        guard neededL1Entries * 8 <= QCOW2Layout.mostL1Bytes, blocks * 8 <= QCOW2Layout.mostRefcountTableBytes else {
            throw EngineError(
                .unsupported,
                "the disk has \(ByteCount(size)), too much for clusters of \(ByteCount(clusterSize)): set a larger "
                    + "`cluster-size`")
        }
    }
}
