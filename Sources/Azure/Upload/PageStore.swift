import Engine

/// The pages of one blob: those of a managed disk behind a signed address, or of a page blob.
///
/// Whatever may pass by itself is tried again inside.
protocol PageStore: Sendable {
    /// For messages.
    var name: String { get }

    /// Bytes.
    func size() async throws(EngineError) -> UInt64

    /// The ranges of pages that were ever written and not cleared, in order, within `range`.
    func written(in range: ByteRange) async throws(EngineError) -> [ByteRange]

    /// Writes pages. `range` of `buffer`, at most 4 MiB, whole pages, must not change until this returns.
    /// - Parameters:
    ///   - sum: CRC-64 of the bytes, which the service compares.
    ///   - lane: of the calls with one number, one is in flight at a time.
    func put(
        _ buffer: Buffer, _ range: Range<Int>, at offset: UInt64, sum: UInt64, lane: Int
    ) async throws(EngineError)

    /// Appends the bytes of `range`, at most 4 MiB, to `output`.
    func read(_ range: ByteRange, into output: Buffer, lane: Int) async throws(EngineError)
}

/// What pages are like.
enum PageLayout {
    static let page: UInt64 = 512
    /// The most that one request writes; pages of one such slot of a disk go into one buffer.
    static let slot: UInt64 = 4 << 20
    /// How much of a blob is asked for its written ranges at once: lists of fragmented blobs take long.
    static let window: UInt64 = 8 << 30
}
