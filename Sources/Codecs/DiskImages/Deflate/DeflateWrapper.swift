/// What stands around deflate data, and how far back it may refer.
enum DeflateWrapper: Sendable, Hashable, CaseIterable {
    /// A header and the data's Adler-32 (RFC 1950); matches reach 32 KiB back.
    case zlib
    /// Nothing (RFC 1951); matches reach 32 KiB back.
    case raw
    /// Nothing (RFC 1951); matches reach 4 KiB back, for readers that keep no more.
    case rawSmallWindow
}
