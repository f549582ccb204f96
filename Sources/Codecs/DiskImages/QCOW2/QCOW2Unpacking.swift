import CZstd
import Engine
import Synchronization

/// Reads the compressed clusters of an image. Clusters of which only a part is wanted are kept for the next part.
final class QCOW2Unpacking: Sendable {
    private let head: QCOW2Head
    private let inflaters = ContextPool { DeflateDecoder(.rawSmallWindow) }
    private let decompressors = ContextPool { ZstdDecompressor() }
    private let kept = Mutex(Kept())

    /// Bytes of clusters that are kept.
    private static let keptBytes: UInt64 = 8 << 20

    private struct Kept {
        var clusters: [QCOW2Packed: [UInt8]] = [:]
        var order: [QCOW2Packed] = []
    }

    init(_ head: QCOW2Head) { self.head = head }

    private var clusterSize: Int { Int(head.header.clusterSize) }

    /// Appends the bytes `part` of the cluster.
    /// - Throws: `.corrupt` when it does not become a whole cluster.
    func append(_ packed: QCOW2Packed, _ part: Range<Int>, to output: Buffer) async throws(EngineError) {
        if part.count == clusterSize { return try await unpack(packed, into: output) }
        if let cluster = kept.withLock({ $0.clusters[packed] }) {
            return output.append(cluster.span.bytes.extracting(part))
        }
        let buffer = Buffer(capacity: clusterSize)
        try await unpack(packed, into: buffer)
        buffer.withBytes(part) { output.append($0) }
        keep(packed, buffer.array)
    }

    private func keep(_ packed: QCOW2Packed, _ bytes: [UInt8]) {
        let limit = max(2, Int(Self.keptBytes / head.header.clusterSize))
        kept.withLock { kept in
            guard kept.clusters.updateValue(bytes, forKey: packed) == nil else { return }
            kept.order.append(packed)
            if kept.order.count > limit { kept.clusters[kept.order.removeFirst()] = nil }
        }
    }

    private func unpack(_ packed: QCOW2Packed, into output: Buffer) async throws(EngineError) {
        let storage = head.storage
        guard packed.offset < storage.size else {
            throw EngineError(
                .corrupt,
                "\(storage.name): a compressed cluster should be at \(packed.offset), but the file ends at "
                    + "\(storage.size): it is damaged or cut off")
        }
        let place = ByteRange(packed.offset, min(packed.end, storage.size))
        let input = Buffer(capacity: Int(place.count))
        try await storage.read(place, into: input)
        let isWhole = input.withBytes { bytes in
            switch head.header.compression {
            case .zlib: inflate(bytes, into: output)
            case .zstd: decompress(bytes, into: output)
            }
        }
        guard isWhole else {
            throw EngineError(
                .corrupt,
                "\(storage.name): the compressed cluster at \(packed.offset) is damaged: it does not become "
                    + "\(clusterSize) bytes")
        }
    }

    private func inflate(_ input: RawSpan, into output: Buffer) -> Bool {
        let count = inflaters.withContext { try? $0.decode(input, into: output, most: clusterSize) }
        return count == clusterSize
    }

    /// Frames one behind the other, until the cluster is full; what follows belongs to another cluster.
    private func decompress(_ input: RawSpan, into output: Buffer) -> Bool {
        var isWhole = false
        output.append(upTo: clusterSize) { space in
            var (read, written) = (0, 0)
            input.withUnsafeBytes { bytes in
                decompressors.withContext { decompressor in
                    while written < space.count, read < bytes.count, let source = bytes.baseAddress,
                        let target = space.baseAddress
                    {
                        let frame = ZSTD_findFrameCompressedSize(source + read, bytes.count - read)
                        guard ZSTD_isError(frame) == 0 else { return }
                        let count = ZSTD_decompressDCtx(
                            decompressor.context, target + written, space.count - written, source + read, frame)
                        guard ZSTD_isError(count) == 0 else { return }
                        (read, written) = (read + frame, written + count)
                    }
                }
            }
            isWhole = written == space.count
            return isWhole ? written : 0
        }
        return isWhole
    }
}
