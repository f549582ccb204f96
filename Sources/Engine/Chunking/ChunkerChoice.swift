/// How a repository's writers cut disks, as its `config` says and for as long as it lives. Readers do not need it.
package struct ChunkerChoice: Codable, Sendable, Equatable {
    /// `fixed`: a grid of `size` bytes. `content`: where the content says so, `size` bytes on average.
    package let type: String
    /// Bytes.
    package let size: Int

    package init(type: String, size: Int) {
        self.type = type
        self.size = size
    }

    package static let fixed = "fixed"
    package static let content = "content"
    package static let types = [fixed, content]

    /// `64 KiB on average, cut by content`.
    package var text: String {
        type == Self.content
            ? "\(ByteCount(UInt64(max(0, size)))) on average, cut by content" : "\(ByteCount(UInt64(max(0, size))))"
    }

    /// - Throws: `.configuration` for a type or size that there is not; callers that read it from a repository say
    ///   `.unsupported` instead.
    package func chunker(orThrow kind: EngineError.Kind = .configuration) throws(EngineError) -> Chunker {
        switch type {
        case Self.fixed:
            try check(FixedChunker.sizes, "from 4 KiB to 4 MiB", kind)
            return .fixed(FixedChunker(size: size))
        case Self.content:
            try check(ContentChunker.averages, "from 32 KiB to 1 MiB for the chunker `content`", kind)
            return .content(ContentChunker(average: size))
        default:
            throw EngineError(kind, "there is no chunker `\(type)`: \(Self.types.joined(separator: " or "))")
        }
    }

    private func check(
        _ sizes: ClosedRange<Int>, _ text: String, _ kind: EngineError.Kind
    ) throws(EngineError) {
        guard sizes.contains(size), size & (size - 1) == 0 else {
            throw EngineError(kind, "a chunk size of \(size) bytes; it must be a power of two \(text)")
        }
    }
}
