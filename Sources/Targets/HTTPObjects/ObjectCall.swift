import Engine
import Wire

/// One request to a store, before it is signed.
struct ObjectCall: Sendable {
    var method: String
    /// The object's whole name, prefix included; empty for the bucket or container itself.
    var object = ""
    /// In any order, not encoded.
    var query: [(name: String, value: String)] = []
    var headers: [HTTPHeader] = []
    var body = CallBody.none
    /// Where a successful reply's body goes.
    var space: BorrowedSpace?
    /// What is done to what, for messages: `put data/1 into the bucket b`.
    var what: String
    /// Whether failures are worth waiting for; not for tidying up.
    var isRepeated = true
    /// Whether a success may turn out a failure by what the reply's body says.
    var isDecidedByBody = false
    /// Beyond this an answer that is kept in memory is refused.
    var limit = 16 << 20
}

/// The bytes a call sends, with their checksums, which are computed once for all attempts.
struct CallBody: Sendable {
    let bytes: BorrowedBytes?
    let small: [UInt8]
    /// Base64, as `Content-MD5` has it; nil when nothing is sent.
    let md5: String?

    static let none = CallBody(bytes: nil, small: [], md5: nil)

    private init(bytes: BorrowedBytes?, small: [UInt8], md5: String?) {
        self.bytes = bytes
        self.small = small
        self.md5 = md5
    }

    /// A part of a buffer, which must not change until the call has ended.
    init(_ content: Buffer, _ range: Range<Int>) {
        let all = UnsafeRawBufferPointer(start: content.memory.baseAddress, count: content.count)
        let part = BorrowedBytes(UnsafeRawBufferPointer(rebasing: all[range]), of: content)
        self.init(bytes: part, small: [], md5: BodySum.md5(part.bytes))
    }

    init(_ small: [UInt8]) {
        self.init(bytes: nil, small: small, md5: small.withUnsafeBytes { BodySum.md5($0) })
    }

    var count: Int { bytes?.count ?? small.count }
}
