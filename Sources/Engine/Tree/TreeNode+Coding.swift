extension TreeNode {
    package func encoded() -> [UInt8] {
        switch self {
        case .leaf(let extents): Self.encoded(extents)
        case .inner(let level, let children): Self.encoded(children, level: level)
        }
    }

    private static func header(level: Int, count: Int, size: Int) -> ByteWriter {
        var writer = ByteWriter(capacity: headerCount + size)
        writer.write(magic: magic)
        writer.write(UInt8(RepositoryFormat.version))
        writer.write(UInt8(level))
        writer.write(UInt16(count))
        return writer
    }

    private static func encoded(_ extents: [Extent]) -> [UInt8] {
        var writer = header(level: 0, count: extents.count, size: extents.count * extentCount)
        for extent in extents {
            writer.write(UInt16(extent.start))
            writer.write(UInt16(extent.units))
            writer.write(UInt16(extent.skip))
            writer.write(zeros: 2)
            writer.write(extent.chunk)
        }
        return writer.bytes
    }

    private static func encoded(_ children: [Child], level: Int) -> [UInt8] {
        var writer = header(level: level, count: children.count, size: children.count * childCount)
        for child in children {
            writer.write(UInt16(child.index))
            writer.write(zeros: 6)
            writer.write(child.node.usedBytes)
            writer.write(child.node.id)
        }
        return writer.bytes
    }

    /// Reads a node back and checks that its entries ascend and stay within it.
    /// - Throws: `.corrupt`, `.unsupported`.
    package init(parsing bytes: RawSpan, id: Digest) throws(EngineError) {
        let what = "tree node \(id)"
        var reader = ByteReader(bytes, what: what)
        try reader.expect(magic: Self.magic)
        guard try reader.read(UInt8.self) == RepositoryFormat.version else {
            throw EngineError(.unsupported, "\(what) has a later format version: update this program")
        }
        let level = Int(try reader.read(UInt8.self))
        let count = Int(try reader.read(UInt16.self))
        guard level < TreeShape.heightLimit else { throw EngineError(.corrupt, "\(what) has an impossible level") }
        guard reader.remaining == count * (level == 0 ? Self.extentCount : Self.childCount) else {
            throw EngineError(.corrupt, "\(what): its count does not fit its size")
        }
        if level == 0 {
            self = .leaf(try Self.extents(from: &reader, count: count, what: what))
        } else {
            self = .inner(level: level, try Self.children(from: &reader, level: level, count: count, what: what))
        }
    }

    private static func extents(
        from reader: inout ByteReader, count: Int, what: String
    ) throws(EngineError) -> [Extent] {
        var extents: [Extent] = []
        extents.reserveCapacity(count)
        var end = 0
        for _ in 0..<count {
            let start = Int(try reader.read(UInt16.self))
            let units = Int(try reader.read(UInt16.self))
            let skip = Int(try reader.read(UInt16.self))
            try reader.skip(2)
            let extent = Extent(start: start, units: units, skip: skip, chunk: try reader.readDigest())
            guard start >= end, units > 0, extent.end <= RepositoryFormat.unitsPerLeaf else {
                throw EngineError(.corrupt, "\(what): its extents overlap or leave the leaf")
            }
            end = extent.end
            extents.append(extent)
        }
        return extents
    }

    private static func children(
        from reader: inout ByteReader, level: Int, count: Int, what: String
    ) throws(EngineError) -> [Child] {
        let span = TreeShape.span(ofLevel: level - 1)
        var children: [Child] = []
        children.reserveCapacity(count)
        var next = 0
        for _ in 0..<count {
            let index = Int(try reader.read(UInt16.self))
            try reader.skip(6)
            let used = try reader.read(UInt64.self)
            let id = try reader.readDigest()
            guard index >= next, index < RepositoryFormat.fanOut else {
                throw EngineError(.corrupt, "\(what): its children are out of order")
            }
            guard used <= span else { throw EngineError(.corrupt, "\(what): a child claims more than it can hold") }
            next = index + 1
            children.append(Child(index: index, node: NodeReference(id: id, usedBytes: used)))
        }
        return children
    }
}
