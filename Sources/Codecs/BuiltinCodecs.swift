package import Engine

extension Registry where Product == any Codec {
    /// Every codec of this build. A new codec adds one line here.
    package static let builtin = Registry([
        LZ4.self,
        Stored.self,
        Zlib.self,
        Zstd.self,
    ])
}
