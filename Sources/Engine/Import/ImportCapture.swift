/// The images of an import while they are read. They must not change meanwhile.
struct ImportCapture: Capture {
    let machine: CapturedMachine
    private let disks: [String: ImportedMachine.Disk]

    /// Bytes of a disk whose extents are asked for at once.
    private static let window: UInt64 = 1 << 30

    init(_ imported: ImportedMachine) {
        disks = Dictionary(uniqueKeysWithValues: imported.disks.map { ($0.address.description, $0) })
        machine = CapturedMachine(
            configuration: imported.configuration,
            disks: imported.disks.map {
                CapturedDisk(id: $0.address.description, address: $0.address, size: $0.size)
            },
            skipped: [], consistency: .crash, warnings: [],
            reference: ["images": .array(imported.disks.map { .string($0.name) })])
    }

    func regions(of disk: CapturedDisk, since reference: DiskReference?) async throws(EngineError) -> RegionMap {
        let content = try self.disk(disk).content
        var regions: [RegionMap.Region] = []
        var start: UInt64 = 0
        while start < content.size {
            let end = content.size - start > Self.window ? start + Self.window : content.size
            for extent in try await content.extents(in: ByteRange(start, end)) where !extent.isZero {
                if let last = regions.last, last.range.end == extent.range.start {
                    regions[regions.count - 1] = .init(ByteRange(last.range.start, extent.range.end), isZero: false)
                } else {
                    regions.append(.init(extent.range, isZero: false))
                }
            }
            start = end
        }
        return RegionMap(
            coverage: .used, regions: regions,
            fallback: reference == nil ? nil : "an image does not tell what changed since another one")
    }

    func read(_ range: ByteRange, of disk: CapturedDisk, into output: Buffer) async throws(EngineError) {
        let image = try self.disk(disk)
        let before = output.count
        do {
            if let part = range.intersection(ByteRange(0, image.content.size)) {
                try await image.content.read(part, into: output)
            }
        } catch {
            throw error.at(image.name)
        }
        output.appendZeros(Int(range.count) - (output.count - before))
    }

    func finish(_ outcome: CaptureOutcome) async -> [String] { [] }

    private func disk(_ disk: CapturedDisk) throws(EngineError) -> ImportedMachine.Disk {
        guard let found = disks[disk.id] else {
            throw EngineError(.notFound, "\(disk.address) is not part of this import")
        }
        return found
    }
}
