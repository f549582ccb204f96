import Engine

/// One `put`, in one request or in parts, that replaces no object.
struct S3Put: Sendable {
    let write: S3Write
    let content: Buffer

    /// How often an upload that vanished before it was completed is begun anew.
    private static let mostUploads = 3

    func run() async throws(EngineError) {
        try await write.requireFree()
        guard content.count > write.target.partBytes else { return try await write.putWhole(content) }
        for _ in 0..<Self.mostUploads where try await S3Upload(write).put(content) { return }
        throw EngineError(
            .failed, "cannot \(write.what): its parts vanished \(Self.mostUploads) times", isRetryable: true)
    }
}
