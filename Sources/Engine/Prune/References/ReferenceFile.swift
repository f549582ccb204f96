import Glibc

/// What a prune remembers for the next one of this proxy: the restore points it has counted, and the counts.
///
/// ```
/// "AHVREFS1"                                     8 bytes
/// bytes of the head                              u32
/// head: repository, moment, restore points       see `ReferenceHead`
/// (blob id, references)…, ascending by id        34 bytes each
/// XXH64 of all before                            u64
/// ```
/// It is a cache of this machine: it can be deleted at any time, and is never believed when a byte of it is wrong. It is
/// replaced whole or not at all.
struct ReferenceFile: Sendable {
    let path: String
    /// The repository's id.
    let repository: String

    private static let magic = "AHVREFS1"
    private static let entryCount = 34
    private static let entriesAtOnce = 1 << 15
    private static let headLimit = 1 << 30

    /// Reads the counts into `references`.
    /// - Returns: what they are of; nil, and no counts, when there is nothing that can be believed.
    func load(into references: BlobReferences) -> ReferenceHead? {
        do throws(EngineError) {
            let file = try OpenFile(path, O_RDONLY)
            let size = Int(try file.status().st_size)
            var reading = Reading(file, size: size)
            let head = try ReferenceHead(parsing: try reading.head())
            if head.repository == repository {
                try references.take { () throws(EngineError) in try reading.next() }
                if reading.isWhole { return head }
            }
        } catch {
            // Absent or damaged: everything is counted anew.
        }
        references.reset()
        return nil
    }

    /// Puts the counts in place of what was there.
    func save(_ head: ReferenceHead, _ references: BlobReferences) throws(EngineError) {
        let temporary = "\(path).new"
        do {
            let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC)
            try write(head, references, to: file)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = EngineError.system("rename", temporary)
            unlink(temporary)
            throw error
        }
    }

    private func write(
        _ head: ReferenceHead, _ references: BlobReferences, to file: borrowing OpenFile
    ) throws(EngineError) {
        let buffer = Buffer(capacity: Self.entryCount * Self.entriesAtOnce)
        var checksum = RunningChecksum()
        var offset = 0
        func store(_ bytes: RawSpan) throws(EngineError) {
            checksum.update(bytes)
            try file.write(bytes, at: UInt64(offset))
            offset += bytes.byteCount
        }
        let encoded = head.encoded
        var start = ByteWriter()
        start.write(magic: Self.magic)
        start.write(UInt32(encoded.count))
        start.write(encoded)
        try store(start.bytes.span.bytes)
        try references.forEachUsed { used throws(EngineError) in
            if buffer.room < Self.entryCount {
                try buffer.withBytes { bytes throws(EngineError) in try store(bytes) }
                buffer.removeAll()
            }
            used.id.append(count: used.count, to: buffer)
        }
        try buffer.withBytes { bytes throws(EngineError) in try store(bytes) }
        var end = ByteWriter()
        end.write(checksum.value)
        try file.write(end.bytes.span.bytes, at: UInt64(offset))
    }

    /// The file from front to back, a piece at a time.
    private struct Reading: ~Copyable {
        private let file: OpenFile
        private let end: Int
        private var position = 0
        private var checksum = RunningChecksum()
        private let buffer = Buffer(capacity: ReferenceFile.entryCount * ReferenceFile.entriesAtOnce)
        private var taken = 0

        /// - Parameter size: bytes of the file.
        init(_ file: consuming OpenFile, size: Int) {
            self.file = file
            end = size - 8
        }

        mutating func head() throws(EngineError) -> [UInt8] {
            let start = try bytes(12)
            var reader = ByteReader(start.span.bytes, what: "a file of counts")
            try reader.expect(magic: ReferenceFile.magic)
            let count = Int(try reader.read(UInt32.self))
            guard count <= ReferenceFile.headLimit else { throw EngineError(.corrupt, "\(file.path) is damaged") }
            return try bytes(count)
        }

        private mutating func bytes(_ count: Int) throws(EngineError) -> [UInt8] {
            guard count <= end - position else { throw EngineError(.corrupt, "\(file.path) is cut short") }
            let space = Buffer(capacity: max(1, count))
            try fill(space, count)
            return space.array
        }

        private mutating func fill(_ buffer: Buffer, _ count: Int) throws(EngineError) {
            buffer.removeAll()
            var failure: EngineError?
            buffer.append(upTo: count) { space in
                do throws(EngineError) {
                    return try file.read(into: space, at: UInt64(position))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            guard buffer.count == count else { throw EngineError(.corrupt, "\(file.path) is cut short") }
            buffer.withBytes { checksum.update($0) }
            position += count
        }

        mutating func next() throws(EngineError) -> (id: Digest, count: UInt16)? {
            if taken == buffer.count {
                taken = 0
                let count = min(buffer.capacity, end - position)
                guard count > 0 else { return nil }
                try fill(buffer, count)
            }
            guard buffer.count - taken >= ReferenceFile.entryCount else {
                throw EngineError(.corrupt, "\(file.path) is cut short")
            }
            defer { taken += ReferenceFile.entryCount }
            return buffer.withBytes(taken..<taken + ReferenceFile.entryCount) { bytes in
                (Digest(bytes), UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 32, as: UInt16.self)))
            }
        }

        /// Whether every byte was read and is what was written.
        var isWhole: Bool {
            var found: UInt64 = 0
            let count = withUnsafeMutableBytes(of: &found) { try? file.read(into: $0, at: UInt64(end)) }
            return position == end && count == 8 && UInt64(littleEndian: found) == checksum.value
        }
    }
}

extension Digest {
    /// - Precondition: there is room.
    fileprivate func append(count: UInt16, to buffer: Buffer) {
        buffer.append(upTo: 34) { space in
            space.storeBytes(of: words.0.bigEndian, toByteOffset: 0, as: UInt64.self)
            space.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
            space.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt64.self)
            space.storeBytes(of: words.3.bigEndian, toByteOffset: 24, as: UInt64.self)
            space.storeBytes(of: count.littleEndian, toByteOffset: 32, as: UInt16.self)
            return 34
        }
    }
}
