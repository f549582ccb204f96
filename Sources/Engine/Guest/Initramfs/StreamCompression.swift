/// How a stream of unknown length is compressed, told by its first bytes.
package enum StreamCompression: String, Sendable, CaseIterable {
    case gzip, zstd, lz4, xz, lzma, bzip2, lzo

    package init?(_ head: [UInt8]) {
        let found = Self.allCases.first { compression in
            compression.magics.contains { head.starts(with: $0) }
        }
        guard let found else { return nil }
        self = found
    }

    private var magics: [[UInt8]] {
        switch self {
        case .gzip: [[0x1F, 0x8B]]
        case .zstd: [[0x28, 0xB5, 0x2F, 0xFD]]
        // The kernel's own, older form.
        case .lz4: [[0x02, 0x21, 0x4C, 0x18]]
        case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
        case .lzma: [[0x5D, 0x00, 0x00]]
        case .bzip2: [Array("BZh".utf8)]
        case .lzo: [[0x89, 0x4C, 0x5A, 0x4F]]
        }
    }
}
