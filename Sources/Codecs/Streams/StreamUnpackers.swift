package import Engine

/// The compressed streams that this program can read without knowing how long they become.
package enum StreamUnpackers {
    package static let all: StreamUnpacking = { compression in
        switch compression {
        case .gzip: GzipUnpacker()
        case .zstd: ZstdUnpacker()
        case .lz4: LegacyLZ4Unpacker()
        case .xz, .lzma, .bzip2, .lzo: nil
        }
    }
}
