import Engine

/// One `put`, in one request or in blocks, that replaces no blob.
struct AzurePut: Sendable {
    let write: AzureWrite
    let content: Buffer

    /// How often blocks that another put's commit swept away are put anew.
    private static let mostUploads = 3

    func run() async throws(EngineError) {
        guard content.count > write.target.blockBytes else { return try await write.putWhole(content) }
        for _ in 0..<Self.mostUploads where try await AzureUpload(write).put(content) { return }
        throw EngineError(
            .failed, "cannot \(write.what): its blocks vanished \(Self.mostUploads) times", isRetryable: true)
    }
}
