/// A pack's table, as read back from its end.
package struct PackTable: Sendable {
    package let entries: [PackEntry]
    /// Where the table starts, which is where the last blob ends.
    package let offset: Int

    /// Reads header, table and footer out of a whole pack.
    /// - Throws: `.corrupt`, saying what does not fit.
    package init(whole bytes: RawSpan, id: PackID, kind: PackKind) throws(EngineError) {
        let least = PackLayout.headerCount + PackLayout.footerCount
        guard bytes.byteCount >= least else { throw EngineError(.corrupt, "it has only \(bytes.byteCount) bytes") }
        let footer = try Footer(bytes, packCount: bytes.byteCount)
        try self.init(
            header: bytes.extracting(0..<PackLayout.headerCount),
            tail: bytes.extracting(footer.tableOffset..<bytes.byteCount), footer: footer, id: id, kind: kind)
    }

    init(header: RawSpan, tail: RawSpan, footer: Footer, id: PackID, kind: PackKind) throws(EngineError) {
        var covered = ByteWriter(capacity: PackLayout.headerCount + tail.byteCount)
        header.withUnsafeBytes { covered.write(Array($0)) }
        let end = tail.byteCount - 16
        tail.extracting(0..<end).withUnsafeBytes { covered.write(Array($0)) }
        guard Checksum.xxh64(covered.bytes.span.bytes) == footer.checksum else {
            throw EngineError(.corrupt, "the checksum of its table does not fit")
        }
        guard header.withUnsafeBytes({ Array($0) }) == PackLayout.header(id, kind) else {
            throw EngineError(.corrupt, "its header is that of another object")
        }
        offset = footer.tableOffset
        var reader = ByteReader(tail, what: "the table")
        var entries: [PackEntry] = []
        entries.reserveCapacity(footer.entryCount)
        var expected = PackLayout.headerCount
        for _ in 0..<footer.entryCount {
            let entry = try PackEntry(from: &reader)
            guard Int(entry.offset) == expected else {
                throw EngineError(.corrupt, "its table has a gap at byte \(expected)")
            }
            expected += PackLayout.blobHeaderCount + Int(entry.storedCount)
            entries.append(entry)
        }
        guard expected == footer.tableOffset else {
            throw EngineError(.corrupt, "its table does not reach its end")
        }
        self.entries = entries
    }

    /// The last 40 bytes of a pack.
    struct Footer {
        let tableOffset: Int
        let entryCount: Int
        let checksum: UInt64

        /// - Parameter bytes: the end of a pack; `packCount` is the whole pack's size.
        init(_ bytes: RawSpan, packCount: Int) throws(EngineError) {
            guard bytes.byteCount >= PackLayout.footerCount else { throw EngineError(.corrupt, "its end is missing") }
            let start = bytes.byteCount - PackLayout.footerCount
            var reader = ByteReader(bytes.extracting(start..<bytes.byteCount), what: "the footer")
            tableOffset = Int(try reader.read(UInt32.self))
            entryCount = Int(try reader.read(UInt32.self))
            try reader.skip(16)
            checksum = try reader.read(UInt64.self)
            do {
                try reader.expect(magic: PackLayout.endMagic)
            } catch {
                throw EngineError(.corrupt, "its end is missing or damaged")
            }
            let tableCount = packCount - PackLayout.footerCount - tableOffset
            guard tableOffset >= PackLayout.headerCount, tableCount == entryCount * PackLayout.entryCount else {
                throw EngineError(.corrupt, "its footer does not fit its size")
            }
        }
    }

    /// Fetches only the table of a pack, for an index that does not know it.
    /// - Throws: `.corrupt`; what the target throws.
    static func fetch(_ id: PackID, _ kind: PackKind, size: Int, from target: any Target) async throws(EngineError)
        -> PackTable
    {
        let key = ObjectLayout.pack(id, kind)
        guard size >= PackLayout.headerCount + PackLayout.footerCount, size <= RepositoryFormat.packLimit else {
            throw EngineError(.corrupt, "\(key) has an impossible size of \(size) bytes")
        }
        let head = Buffer(capacity: PackLayout.headerCount)
        try await target.get(key, 0..<PackLayout.headerCount, into: head)
        let end = Buffer(capacity: PackLayout.footerCount)
        try await target.get(key, (size - PackLayout.footerCount)..<size, into: end)
        do {
            let footer = try end.withBytes { bytes throws(EngineError) in try Footer(bytes, packCount: size) }
            let tail = Buffer(capacity: size - footer.tableOffset)
            try await target.get(key, footer.tableOffset..<size, into: tail)
            return try head.withBytes { header throws(EngineError) in
                try tail.withBytes { tail throws(EngineError) in
                    try PackTable(header: header, tail: tail, footer: footer, id: id, kind: kind)
                }
            }
        } catch {
            throw error.at(key.text)
        }
    }
}
