/// An upload of the target inside a layer, with what the layer does around each call.
final class LayeredUpload: ObjectUpload {
    /// Gets `append` or `finish`, the bytes that are appended, and the call itself, which may be made again.
    typealias Around =
        @Sendable (
            _ call: TargetCall, _ bytes: Int, _ body: @Sendable () async throws(EngineError) -> Void
        ) async throws(EngineError) -> Void

    private let inner: any ObjectUpload
    private let around: Around

    init(_ inner: any ObjectUpload, _ around: @escaping Around) {
        self.inner = inner
        self.around = around
    }

    func append(_ buffer: Buffer, _ range: Range<Int>) async throws(EngineError) {
        try await around(.append, range.count) { [inner] () throws(EngineError) in
            try await inner.append(buffer, range)
        }
    }

    func finish() async throws(EngineError) {
        try await around(.finish, 0) { [inner] () throws(EngineError) in try await inner.finish() }
    }

    /// Tidying up is neither limited nor disturbed.
    func abandon() async { await inner.abandon() }
}
