import Engine
import Synchronization

/// Reads the grains of a stream, each behind the marker that says which one it is.
final class VMDKCompressedGrains: Sendable {
    private let storage: any ImageStorage
    private let grainSize: Int
    private let decoders = ContextPool { DeflateDecoder(.zlib) }
    /// Grains that were read in part: the rest is mostly asked for next.
    private let recent = Mutex<[Recent]>([])

    private struct Recent {
        let offset: UInt64
        let bytes: [UInt8]
    }

    private static let mostRecent = 8

    init(_ storage: any ImageStorage, grainSize: UInt64) {
        self.storage = storage
        self.grainSize = Int(grainSize)
    }

    /// Appends a part of the grain at `offset` of the file.
    /// - Parameter sector: of the disk, with which the grain begins.
    /// - Throws: `.corrupt`.
    func read(
        _ part: Range<Int>, ofGrainAt offset: UInt64, sector: UInt64, into output: Buffer
    ) async throws(EngineError) {
        if part.count == grainSize {
            let data = try await load(offset, sector)
            return try require(part.count, of: decode(data, into: output, at: offset), at: offset)
        }
        let bytes = try await grain(at: offset, sector)
        try require(part.upperBound, of: bytes.count, at: offset)
        output.append(bytes.span.bytes.extracting(part))
    }

    /// The bytes that the grain becomes: those of the disk's last one may be fewer than a grain has.
    func grain(at offset: UInt64, _ sector: UInt64) async throws(EngineError) -> [UInt8] {
        if let found = recent.withLock({ $0.first { $0.offset == offset } }) { return found.bytes }
        let data = try await load(offset, sector)
        let buffer = Buffer(capacity: grainSize)
        _ = try decode(data, into: buffer, at: offset)
        let one = Recent(offset: offset, bytes: buffer.array)
        recent.withLock { recent in
            if recent.count >= Self.mostRecent { recent.removeFirst() }
            recent.append(one)
        }
        return one.bytes
    }

    /// The compressed bytes of a grain.
    private func load(_ offset: UInt64, _ sector: UInt64) async throws(EngineError) -> Buffer {
        let fields = try await storage.fields(at: offset, count: VMDKMarker.grainPrefix, what: "a grain's marker")
        let marker = VMDKMarker(fields)
        guard marker.isGrain, marker.value == sector else {
            throw damaged(offset, "the marker is that of sector \(marker.value), not of \(sector)")
        }
        // What does not become smaller takes a little more than a grain.
        let start = offset + UInt64(VMDKMarker.grainPrefix)
        let count = UInt64(marker.grainBytes)
        guard count <= 2 * UInt64(grainSize), count <= storage.size - start else {
            throw damaged(offset, "\(count) bytes are too many")
        }
        let data = Buffer(capacity: Int(count))
        try await storage.read(ByteRange(start: start, count: count), into: data)
        return data
    }

    private func decode(_ data: Buffer, into output: Buffer, at offset: UInt64) throws(EngineError) -> Int {
        let result = decoders.withContext { decoder in
            Result<Int, EngineError> { () throws(EngineError) -> Int in
                try data.withBytes { bytes throws(EngineError) in
                    try decoder.decode(bytes, into: output, most: grainSize)
                }
            }
        }
        do throws(EngineError) {
            return try result.get()
        } catch {
            throw damaged(offset, error.message)
        }
    }

    private func require(_ count: Int, of there: Int, at offset: UInt64) throws(EngineError) {
        guard there >= count else { throw damaged(offset, "it has only \(there) bytes") }
    }

    private func damaged(_ offset: UInt64, _ reason: String) -> EngineError {
        EngineError(.corrupt, "\(storage.name): the grain at \(offset) is damaged: \(reason)")
    }
}
