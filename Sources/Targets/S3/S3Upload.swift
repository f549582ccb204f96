import Engine

/// An object on its way into a bucket piece by piece: in one request if it turns out no larger than a part, else in
/// parts of which several are in flight.
// Proof of @unchecked Sendable: one task uses an upload at a time, and nothing else refers to what it holds.
final class S3Upload: ObjectUpload, @unchecked Sendable {
    /// An upload has at most so many parts, and they reach 5 TiB, the largest object there is.
    private static let mostParts = 10_000
    private static let reach = 5 << 40
    private static let mostInFlight = 4

    private let write: S3Write
    private let multipart: S3Multipart
    private let parts: PartStream<S3Multipart>
    /// Whether a request was sent that makes the object, with whatever outcome.
    private var mayBeThere = false
    private var isFinished = false

    init(_ write: S3Write) {
        self.write = write
        multipart = S3Multipart(write)
        parts = PartStream(
            to: multipart, PartSizes(first: write.target.partBytes, most: Self.mostParts, reach: Self.reach),
            what: write.what, atOnce: min(Self.mostInFlight, write.target.settings.parallelism))
    }

    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        try await parts.append(buffer, range)
    }

    func finish() async throws(EngineError) {
        guard !isFinished else { return }
        guard try await complete() else {
            throw EngineError(.failed, "cannot \(write.what): its parts vanished; put it again")
        }
        isFinished = true
    }

    func abandon() async {
        guard !isFinished else { return }
        await parts.stop()
        await multipart.abort()
    }

    /// Puts all of a buffer in parts, which are not copied.
    /// - Returns: false when the parts vanished.
    func put(_ content: Buffer) async throws(EngineError) -> Bool {
        do throws(EngineError) {
            try await parts.lend(content)
            if try await complete() { return true }
        } catch {
            await abandon()
            throw error
        }
        await abandon()
        return false
    }

    /// - Returns: false when the parts vanished.
    private func complete() async throws(EngineError) -> Bool {
        let tags = parts.isBegun ? try await parts.finish() : []
        if !mayBeThere { try await write.requireFree() }
        let isRepeated = mayBeThere
        mayBeThere = true
        guard parts.isBegun else {
            try await write.putWhole(parts.unsent ?? Buffer(capacity: 1), isRepeated: isRepeated)
            return true
        }
        return try await multipart.complete(tags, parts.count, isRepeated: isRepeated)
    }
}
