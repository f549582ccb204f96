import Engine

/// Opens a VHDX, and the parents that it differs from.
enum VHDXReader {
    /// - Throws: `.corrupt`, `.unsupported`; `.notFound` and `.denied` for a parent.
    static func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        let heads = try await chain(from: storage)
        var disk: (any DiskImage)?
        var parents: [String] = []
        for head in heads.reversed() {
            disk = BlockDisk(
                storage: head.storage, map: try VHDXBlocks(head), parent: disk, facts: facts(head, parents))
            parents.insert(head.storage.name, at: 0)
        }
        guard let disk else { throw EngineError(.bug, "a chain of no disks") }
        return disk
    }

    /// The disk and its parents, the base last.
    private static func chain(from storage: any ImageStorage) async throws(EngineError) -> [VHDXHead] {
        var heads = [try await VHDXHead.load(storage)]
        while let child = heads.last, child.metadata.hasParent {
            guard heads.count < VHDXLayout.longestChain else {
                throw EngineError(.unsupported, "\(storage.name) has more than \(VHDXLayout.longestChain) parents")
            }
            let parent = try await ParentPath.open(parentPaths(child.metadata.parent), from: child.storage)
            let head = try await VHDXHead.load(parent)
            try check(head, isParentOf: child)
            heads.append(head)
        }
        return heads
    }

    private static func check(_ parent: VHDXHead, isParentOf child: VHDXHead) throws(EngineError) {
        let known = ["parent_linkage", "parent_linkage2"].compactMap { child.metadata.parent[$0] }
            .compactMap { ImageID($0) }
        guard known.contains(parent.header.dataWriteID) else {
            throw EngineError(
                .corrupt,
                "\(child.storage.name) is the difference to \(known.map(\.description).joined(separator: " or ")), but "
                    + "\(parent.storage.name) is \(parent.header.dataWriteID): it was changed, or is another disk")
        }
        guard parent.metadata.size <= child.metadata.size,
            parent.metadata.logicalSector == child.metadata.logicalSector
        else {
            throw EngineError(
                .corrupt, "\(child.storage.name) and its parent \(parent.storage.name) do not fit in size")
        }
    }

    /// Where the parent may be, the likeliest first.
    static func parentPaths(_ values: [String: String]) -> [String] {
        let absolute = ["absolute_win32_path", "volume_path"].compactMap { values[$0] }
        let relative = values["relative_path"]
        return [relative.flatMap(ParentPath.relative)].compactMap { $0 } + absolute.filter { $0.hasPrefix("/") }
            + ([relative].compactMap { $0 } + absolute).compactMap(ParentPath.lastPart)
    }

    private static func facts(_ head: VHDXHead, _ parents: [String]) -> ImageFacts {
        let metadata = head.metadata
        var details: [ImageFacts.Detail] = [
            .init("id", metadata.id.description), .init("block size", "\(metadata.blockSize)"),
            .init("logical sector size", "\(metadata.logicalSector)"),
        ]
        if let physical = metadata.physicalSector { details.append(.init("physical sector size", "\(physical)")) }
        details.append(.init("data write id", head.header.dataWriteID.description))
        return ImageFacts(
            format: VHDXImage.name,
            variant: metadata.hasParent ? "differencing" : metadata.isFixed ? "fixed" : "dynamic", details: details,
            remarks: head.remarks, parents: parents)
    }
}
