import Glibc

/// A run being written to a file of this machine, entry by entry in the order of their ids.
///
/// A crash leaves an unfinished file: it is written under a temporary name, which its maker changes when it is sealed.
final class RunFile {
    private let file: OpenFile
    private let packs: [RunPack]
    private let buffer = Buffer(capacity: 1 << 20)
    /// Offset of what is in the buffer.
    private var offset: Int
    private(set) var count = 0

    /// - Parameter packs: all that entries may name.
    init(_ path: String, packs: [RunPack]) throws(EngineError) {
        file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
        self.packs = packs
        offset = RunHead(packs: packs, count: 0).size
    }

    func append(_ record: RunRecord, packNumber: Int) throws(EngineError) {
        if buffer.room < IndexRun.entryCount { try flush() }
        record.append(packNumber: packNumber, to: buffer)
        count += 1
    }

    /// Writes head and checksum. Nothing waits for the disk: what a failure of the machine takes is found by the checks.
    func seal() throws(EngineError) {
        try flush()
        let head = RunHead(packs: packs, count: count)
        try file.write(head.encoded.span.bytes, at: 0)
        var checksum = RunningChecksum()
        var position = 0
        let end = head.runSize - IndexRun.endCount
        while position < end {
            let piece = min(buffer.capacity, end - position)
            var read = 0
            buffer.removeAll()
            var failure: EngineError?
            buffer.append(upTo: piece) { space in
                do throws(EngineError) {
                    read = try file.read(into: space, at: UInt64(position))
                } catch {
                    failure = error
                }
                return read
            }
            if let failure { throw failure }
            guard read == piece else { throw EngineError(.corrupt, "\(file.path) was cut short") }
            buffer.withBytes { checksum.update($0) }
            position += piece
        }
        var writer = ByteWriter(capacity: IndexRun.endCount)
        writer.write(checksum.value)
        try file.write(writer.bytes.span.bytes, at: UInt64(end))
    }

    private func flush() throws(EngineError) {
        guard buffer.count > 0 else { return }
        do {
            try buffer.withBytes { bytes throws(EngineError) in try file.write(bytes, at: UInt64(offset)) }
        }
        offset += buffer.count
        buffer.removeAll()
    }
}
