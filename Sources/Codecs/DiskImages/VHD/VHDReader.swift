import Engine

/// Opens a VHD, and the parents that it differs from.
struct VHDReader {
    private struct Layer {
        let storage: any ImageStorage
        let head: VHDHead
    }

    /// - Throws: `.corrupt`, `.unsupported`; `.notFound` and `.denied` for a parent.
    static func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        let layers = try await chain(from: storage)
        var disk: (any DiskImage)?
        var parents: [String] = []
        for layer in layers.reversed() {
            disk = try open(layer, on: disk, parents: parents)
            parents.insert(layer.storage.name, at: 0)
        }
        guard let disk else { throw EngineError(.bug, "a chain of no disks") }
        return disk
    }

    /// The disk and its parents, the base last.
    private static func chain(from storage: any ImageStorage) async throws(EngineError) -> [Layer] {
        var layers = [Layer(storage: storage, head: try await VHDHead.load(storage))]
        while let last = layers.last, last.head.footer.kind == .differencing, let header = last.head.header {
            guard layers.count < VHDLayout.longestChain else {
                throw EngineError(.unsupported, "\(storage.name) has more than \(VHDLayout.longestChain) parents")
            }
            let parent = try await ParentPath.open(parentPaths(header, last.storage), from: last.storage)
            let head = try await VHDHead.load(parent)
            try check(head, of: parent, isParentOf: last, header)
            layers.append(Layer(storage: parent, head: head))
        }
        return layers
    }

    private static func check(
        _ head: VHDHead, of parent: any ImageStorage, isParentOf child: Layer, _ header: VHDDynamicHeader
    ) throws(EngineError) {
        guard head.footer.id == header.parentID else {
            throw EngineError(
                .corrupt,
                "\(child.storage.name) is the difference to the disk \(header.parentID), but \(parent.name) is "
                    + "\(head.footer.id)")
        }
        guard head.size <= child.head.size else {
            throw EngineError(
                .corrupt,
                "\(child.storage.name) has \(child.head.size) bytes, fewer than its parent \(parent.name) with "
                    + "\(head.size)")
        }
    }

    /// Where the parent may be, the likeliest first.
    static func parentPaths(
        _ header: VHDDynamicHeader, _ storage: any ImageStorage
    ) async throws(EngineError) -> [String] {
        var paths: [String] = []
        var names: [String] = []
        for locator in header.locators where ["W2ru", "W2ku"].contains(locator.code) && locator.length <= 4096 {
            let fields = try await storage.fields(
                at: locator.offset, count: Int(locator.length), what: "the parent's path")
            let path = UTF16Text.read(fields.bytes, isBigEndian: false)
            if let relative = ParentPath.relative(path) { paths.append(relative) }
            if path.hasPrefix("/") { paths.append(path) }
            if let name = ParentPath.lastPart(path) { names.append(name) }
        }
        if let name = ParentPath.lastPart(header.parentName) { names.append(name) }
        return paths + names
    }

    private static func open(
        _ layer: Layer, on parent: (any DiskImage)?, parents: [String]
    ) throws(EngineError) -> any DiskImage {
        let head = layer.head
        guard let header = head.header else {
            return VHDFixedDisk(storage: layer.storage, size: head.size, facts: facts(head, parents))
        }
        return BlockDisk(
            storage: layer.storage, map: try VHDBlocks(head, header, of: layer.storage), parent: parent,
            facts: facts(head, parents))
    }

    private static func facts(_ head: VHDHead, _ parents: [String]) -> ImageFacts {
        let seconds = Int64(head.footer.time) + VHDLayout.epoch
        var details: [ImageFacts.Detail] = [
            .init("id", head.footer.id.description), .init("created", "\(Timestamp(milliseconds: seconds * 1000))"),
            .init("creator", head.footer.creator.filter { $0 != "\0" && $0 != " " }),
        ]
        if let header = head.header { details.append(.init("block size", "\(header.blockSize)")) }
        let variant =
            switch head.footer.kind {
            case .fixed: "fixed"
            case .dynamic: "dynamic"
            case .differencing: "differencing"
            }
        return ImageFacts(
            format: VHDImage.name, variant: variant, details: details, remarks: head.remarks, parents: parents)
    }
}

/// A fixed VHD: the disk's bytes, and a footer that is not part of it.
private struct VHDFixedDisk: DiskImage {
    let storage: any ImageStorage
    let size: UInt64
    let facts: ImageFacts

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        try await storage.extents(in: range)
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        try await storage.read(range, into: output)
    }
}
