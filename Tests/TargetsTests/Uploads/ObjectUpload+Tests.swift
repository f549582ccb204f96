import Engine

extension ObjectUpload {
    /// Appends bytes piece by piece. What fails retryably is tried again, so many times in all.
    func append(_ bytes: [UInt8], by piece: Int, failures: Int = 0) async throws {
        let content = Buffer(bytes)
        var left = failures
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let range = start..<min(start + piece, bytes.count)
            try await insisting(&left) { try await append(content, range) }
        }
    }

    func finish(failures: Int) async throws {
        var left = failures
        try await insisting(&left) { try await finish() }
    }

    private func insisting(_ left: inout Int, _ body: () async throws -> Void) async throws {
        while true {
            do {
                return try await body()
            } catch let error as EngineError where error.isRetryable && left > 0 {
                left -= 1
            }
        }
    }
}
