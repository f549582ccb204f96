/// A blob of a container, or the uncommitted blocks of one that is not there yet.
struct Blob: Sendable {
    enum Kind: String, Sendable { case block = "BlockBlob", page = "PageBlob" }

    struct Block: Sendable {
        /// Base64, as the client wrote it.
        var id: String
        var content: Slice
    }

    /// The properties that clients set as they like.
    struct Properties: Sendable, Equatable {
        var contentType = "application/octet-stream"
        var contentEncoding: String?
        var contentLanguage: String?
        var contentDisposition: String?
        var cacheControl: String?
        /// Base64; the service computes it for Put Blob only.
        var contentMD5: String?
    }

    var kind = Kind.block
    /// Whether there is a blob; else only uncommitted blocks are.
    var isCommitted = false
    var size = 0
    var content = Extents()
    var committedBlocks: [Block] = []
    var uncommittedBlocks: [Block] = []
    var properties = Properties()
    var metadata: [(name: String, value: String)] = []
    var created = Instant.now()
    var modified = Instant.now()
    var etag = ""
    var sequenceNumber = 0
    var lease = Lease()
}
