import Crypto
import Engine
import FoundationEssentials

/// A blob on its way into a container piece by piece: in one request if it turns out no larger than a block, else in
/// blocks of which several are in flight.
// Proof of @unchecked Sendable: one task uses an upload at a time, and nothing else refers to what it holds.
final class AzureUpload: ObjectUpload, @unchecked Sendable {
    /// A blob has at most so many blocks, and they reach beyond the largest disk image there will be.
    private static let mostBlocks = 50_000
    private static let reach = 16 << 40
    private static let mostInFlight = 4

    private let write: AzureWrite
    private let blocks: AzureBlocks
    private let parts: PartStream<AzureBlocks>
    private var hash = Insecure.MD5()
    /// Whether a request was sent that makes the blob, with whatever outcome.
    private var mayBeThere = false
    private var isFinished = false

    init(_ write: AzureWrite) {
        self.write = write
        blocks = AzureBlocks(write: write)
        parts = PartStream(
            to: blocks, PartSizes(first: write.target.blockBytes, most: Self.mostBlocks, reach: Self.reach),
            what: write.what, atOnce: min(Self.mostInFlight, write.target.settings.parallelism))
    }

    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        try await parts.append(buffer, range)
        update(buffer, range)
    }

    func finish() async throws(EngineError) {
        guard !isFinished else { return }
        guard try await complete() else {
            throw EngineError(.failed, "cannot \(write.what): its blocks vanished; put it again")
        }
        isFinished = true
    }

    /// Blocks that have arrived cannot be removed: the service does it.
    func abandon() async { await parts.stop() }

    /// Puts all of a buffer in blocks, which are not copied.
    /// - Returns: false when the blocks vanished.
    func put(_ content: Buffer) async throws(EngineError) -> Bool {
        do throws(EngineError) {
            try await parts.lend(content)
            update(content, 0..<content.count)
            return try await complete()
        } catch {
            await abandon()
            throw error
        }
    }

    /// - Returns: false when the blocks vanished.
    private func complete() async throws(EngineError) -> Bool {
        let ids = parts.isBegun ? try await parts.finish() : []
        let isRepeated = mayBeThere
        mayBeThere = true
        guard parts.isBegun else {
            try await write.putWhole(parts.unsent ?? Buffer(capacity: 1), isRepeated: isRepeated)
            return true
        }
        let sum = Data(hash.finalize()).base64EncodedString()
        return try await blocks.commit(ids, parts.count, sum: sum, isRepeated: isRepeated)
    }

    private func update(_ buffer: Buffer, _ range: Range<Int>) {
        buffer.withBytes(range) { span in span.withUnsafeBytes { hash.update(bufferPointer: $0) } }
    }
}
