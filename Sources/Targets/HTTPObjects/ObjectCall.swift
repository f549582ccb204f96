package import Engine
package import Wire

/// One request to a store, before it is signed.
package struct ObjectCall: Sendable {
    package var method: String
    /// The object's whole name, prefix included; empty for the bucket or container itself.
    package var object = ""
    /// In any order, not encoded.
    package var query: [(name: String, value: String)] = []
    package var headers: [HTTPHeader] = []
    package var body = CallBody.none
    /// Where a successful reply's body goes.
    package var space: BorrowedSpace?
    /// What is done to what, for messages: `put data/1 into the bucket b`.
    package var what: String
    /// Whether failures are worth waiting for; not for tidying up.
    package var isRepeated = true
    /// Whether a success may turn out a failure by what the reply's body says.
    package var isDecidedByBody = false
    /// Beyond this an answer that is kept in memory is refused.
    package var limit = 16 << 20

    package init(
        method: String, object: String = "", query: [(name: String, value: String)] = [], headers: [HTTPHeader] = [],
        body: CallBody = .none, what: String
    ) {
        self.method = method
        self.object = object
        self.query = query
        self.headers = headers
        self.body = body
        self.what = what
    }
}

/// The bytes a call sends, with their checksums, which are computed once for all attempts.
package struct CallBody: Sendable {
    package let bytes: BorrowedBytes?
    package let small: [UInt8]
    /// Base64, as `Content-MD5` has it; nil when nothing is sent.
    package let md5: String?

    package static let none = CallBody(bytes: nil, small: [], md5: nil)

    private init(bytes: BorrowedBytes?, small: [UInt8], md5: String?) {
        self.bytes = bytes
        self.small = small
        self.md5 = md5
    }

    /// A part of a buffer, which must not change until the call has ended.
    package init(_ content: Buffer, _ range: Range<Int>) {
        let all = UnsafeRawBufferPointer(start: content.memory.baseAddress, count: content.count)
        let part = BorrowedBytes(UnsafeRawBufferPointer(rebasing: all[range]), of: content)
        self.init(bytes: part, small: [], md5: BodySum.md5(part.bytes))
    }

    /// The same without a sum of ours: the caller sends one of its own.
    package init(unsummed content: Buffer, _ range: Range<Int>) {
        let all = UnsafeRawBufferPointer(start: content.memory.baseAddress, count: content.count)
        self.init(
            bytes: BorrowedBytes(UnsafeRawBufferPointer(rebasing: all[range]), of: content), small: [], md5: nil)
    }

    package init(_ small: [UInt8]) {
        self.init(bytes: nil, small: small, md5: small.withUnsafeBytes { BodySum.md5($0) })
    }

    package var count: Int { bytes?.count ?? small.count }
}
