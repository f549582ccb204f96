/// Bytes that a request sends from where they lie.
// Proof of @unchecked Sendable: the maker promises that nobody writes to the bytes until the request has ended, and
// `owner` keeps them allocated.
package struct BorrowedBytes: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject

    /// - Parameter owner: whoever frees the memory when it goes away.
    package init(_ bytes: UnsafeRawBufferPointer, of owner: AnyObject) {
        self.bytes = bytes
        self.owner = owner
    }

    package var count: Int { bytes.count }

    /// A part of these bytes.
    /// - Precondition: `range` lies within them.
    package func part(_ range: Range<Int>) -> BorrowedBytes {
        BorrowedBytes(UnsafeRawBufferPointer(rebasing: bytes[range]), of: owner)
    }
}

/// Room that the body of a reply is written to as it arrives.
// Proof of @unchecked Sendable: the maker promises that nobody else touches the room until the request has ended, and
// `owner` keeps it allocated.
package struct BorrowedSpace: @unchecked Sendable {
    package let room: UnsafeMutableRawBufferPointer
    private let owner: AnyObject

    /// - Parameter owner: whoever frees the memory when it goes away.
    package init(_ room: UnsafeMutableRawBufferPointer, of owner: AnyObject) {
        self.room = room
        self.owner = owner
    }
}
