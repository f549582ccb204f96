package import Engine

/// The bytes of a disk as they are. Where the file may have holes, zeros are holes.
package struct RawImage: ImageFormat {
    package static let name = "raw"
    package static let summary = "the bytes of the disk as they are, sparse"
    package static let variants = [
        ImageVariant("plain", "the disk's bytes and nothing else", canStream: true, canResume: true, isDiskAlone: true)
    ]
    package static let fileExtensions = ["raw", "img"]

    package let variant: ImageVariant

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        variant = try Self.variant(named: settings.variant)
    }

    package func recognition(of storage: any ImageStorage) async throws(EngineError) -> ImageRecognition { .possible }

    package func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        RawDisk(storage: storage)
    }

    package func check(_ storage: any ImageStorage) async throws(EngineError) -> ImageCheck {
        var check = ImageCheck(format: Self.name)
        if storage.size % 512 != 0 {
            check.warning(at: storage.size, "the file's size is no multiple of 512: the last sector is not whole")
        }
        return check
    }

    package func write(
        _ disk: any BlockReader, to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage {
        let sink = try await destination.begin(destination.name)
        try await DiskPieces(disk, progress: progress).copy(to: sink)
        try await sink.finish(size: disk.size)
        return WrittenImage(diskSize: disk.size, fileSize: disk.size)
    }
}

extension RawImage {
    package struct Settings: PluginSettings {
        let variant: String

        package static let fields: [Field] = [.defaulted("variant", "plain", "there is only `plain`")]
    }
}

/// A file taken for a disk.
private struct RawDisk: DiskImage {
    let storage: any ImageStorage

    var size: UInt64 { storage.size }
    var bestRead: UInt64 { storage.bestRead }
    var facts: ImageFacts { ImageFacts(format: RawImage.name, variant: "plain") }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        try await storage.extents(in: range)
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        try await storage.read(range, into: output)
    }
}
