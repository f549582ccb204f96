/// What a file system lies in: a partition, a whole disk, or a logical volume in pieces.
package struct GuestVolume: Sendable {
    struct Piece: Sendable {
        /// Of the volume.
        let start: UInt64
        let disk: InspectedDisk
        /// Of the disk.
        let range: ByteRange
    }

    /// How messages name it, such as `partition 2 of scsi.0`.
    let name: String
    /// Bytes.
    let size: UInt64
    private let pieces: [Piece]

    /// A part of one disk, cut off at the disk's end.
    init(_ name: String, on disk: InspectedDisk, _ range: ByteRange) {
        let start = min(range.start, disk.size)
        self.init(name, [(disk, ByteRange(start, max(start, min(range.end, disk.size))))])
    }

    /// - Parameter parts: in the volume's order, each within its disk.
    init(_ name: String, _ parts: [(disk: InspectedDisk, range: ByteRange)]) {
        self.name = name
        var pieces: [Piece] = []
        var position: UInt64 = 0
        for part in parts {
            pieces.append(Piece(start: position, disk: part.disk, range: part.range))
            position = Self.sum(position, part.range.count)
        }
        self.pieces = pieces
        size = position
    }

    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }

    /// - Throws: `.corrupt` for bytes behind the end; what the disk throws.
    func bytes(at offset: UInt64, count: Int) async throws(EngineError) -> [UInt8] {
        guard count >= 0, offset <= size, UInt64(count) <= size - offset else {
            throw EngineError(.corrupt, "\(name): something lies behind the end")
        }
        let wanted = ByteRange(start: offset, count: UInt64(count))
        var result: [UInt8] = []
        for part in parts(of: wanted) {
            result += try await part.disk.bytes(at: part.range.start, count: Int(part.range.count))
        }
        return result
    }

    func fields(at offset: UInt64, count: Int) async throws(EngineError) -> ImageFields {
        ImageFields(try await bytes(at: offset, count: count))
    }

    /// Nil where the volume ends before.
    func fieldsIfThere(at offset: UInt64, count: Int) async throws(EngineError) -> ImageFields? {
        guard offset <= size, UInt64(count) <= size - offset else { return nil }
        return try await fields(at: offset, count: count)
    }

    /// Where a part of the volume lies on disks.
    func parts(of range: ByteRange) -> [(disk: InspectedDisk, range: ByteRange)] {
        pieces.compactMap { piece in
            let whole = ByteRange(start: piece.start, count: piece.range.count)
            guard let part = whole.intersection(range) else { return nil }
            return (piece.disk, ByteRange(start: piece.range.start + (part.start - piece.start), count: part.count))
        }
    }

    /// The byte where the block of this number begins.
    /// - Throws: `.corrupt` when that is beyond any disk.
    func place(ofBlock number: UInt64, size blockSize: Int) throws(EngineError) -> UInt64 {
        let (place, overflow) = number.multipliedReportingOverflow(by: UInt64(blockSize))
        guard !overflow, place < size else { throw EngineError(.corrupt, "\(name): a block lies behind the end") }
        return place
    }
}
