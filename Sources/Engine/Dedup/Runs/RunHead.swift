/// What an index run says before its entries: how many there are, and the packs they lie in.
package struct RunHead: Sendable {
    package let packs: [RunPack]
    /// Number of entries.
    package let count: Int

    /// Bytes before the first entry.
    var size: Int { IndexRun.headerCount + packs.count * IndexRun.packCount }
    /// Bytes of the whole run.
    var runSize: Int { size + count * IndexRun.entryCount + IndexRun.endCount }

    init(packs: [RunPack], count: Int) {
        self.packs = packs
        self.count = count
    }

    /// The two numbers of a header, before the packs are read.
    struct Counts {
        let packs: Int
        let entries: Int

        /// Bytes of header and packs.
        var headSize: Int { IndexRun.headerCount + packs * IndexRun.packCount }

        /// - Parameter size: bytes of the whole run; the numbers are believed only when they fit it.
        /// - Throws: `.corrupt`, `.unsupported` for a later version.
        init(parsing bytes: RawSpan, size: Int, what: String) throws(EngineError) {
            var reader = ByteReader(bytes, what: what)
            try reader.expect(magic: IndexRun.magic)
            guard try reader.read(UInt16.self) == RepositoryFormat.version else {
                throw EngineError(.unsupported, "\(what) has a later format version: update this program")
            }
            try reader.skip(2)
            packs = Int(try reader.read(UInt32.self))
            entries = Int(try reader.read(UInt32.self))
            try reader.skip(12)
            let expected =
                IndexRun.headerCount + packs * IndexRun.packCount + entries * IndexRun.entryCount + IndexRun.endCount
            guard size == expected, entries == 0 || packs > 0 else {
                throw EngineError(.corrupt, "\(what) is damaged: its counts do not fit its size")
            }
        }
    }

    /// Reads the head of a run.
    /// - Parameters:
    ///   - bytes: at least the header and the packs.
    ///   - size: bytes of the whole run.
    /// - Throws: `.corrupt`, `.unsupported` for a later version.
    init(parsing bytes: RawSpan, size: Int, what: String) throws(EngineError) {
        let counts = try Counts(parsing: bytes, size: size, what: what)
        var reader = ByteReader(bytes, what: what)
        try reader.skip(IndexRun.headerCount)
        guard reader.remaining >= counts.packs * IndexRun.packCount else {
            throw EngineError(.corrupt, "\(what) is cut short")
        }
        var packs: [RunPack] = []
        packs.reserveCapacity(counts.packs)
        for _ in 0..<counts.packs {
            let id = try reader.readPackID()
            guard let kind = PackKind(rawValue: try reader.read(UInt8.self)) else {
                throw EngineError(.corrupt, "\(what) names a pack of no known kind")
            }
            try reader.skip(7)
            packs.append(RunPack(id: id, kind: kind))
        }
        self.init(packs: packs, count: counts.entries)
    }

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: size)
        writer.write(magic: IndexRun.magic)
        writer.write(UInt16(RepositoryFormat.version))
        writer.write(zeros: 2)
        writer.write(UInt32(packs.count))
        writer.write(UInt32(count))
        writer.write(zeros: 12)
        for pack in packs {
            writer.write(pack.id)
            writer.write(pack.kind.rawValue)
            writer.write(zeros: 7)
        }
        return writer.bytes
    }
}

/// A pack as an index run lists it.
package struct RunPack: Sendable, Hashable {
    package let id: PackID
    package let kind: PackKind

    package init(id: PackID, kind: PackKind) {
        self.id = id
        self.kind = kind
    }
}
