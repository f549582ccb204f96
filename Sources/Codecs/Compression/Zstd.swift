import CZstd
package import Engine

/// Zstandard frames (RFC 8878), one a chunk, without dictionary and checksum.
package struct Zstd: Codec {
    package static let name = "zstd"
    package static let summary = "Zstandard: small and quick, the default"
    package static let wireID = CodecID.zstd

    private let compressors: ContextPool<ZstdCompressor>
    private let decompressors = ContextPool { ZstdDecompressor() }

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard Settings.levels.contains(settings.level) else {
            throw EngineError(
                .configuration,
                "`level` must be from \(Settings.levels.lowerBound) to \(Settings.levels.upperBound), "
                    + "not \(settings.level)")
        }
        let level = Int32(settings.level)
        compressors = ContextPool { ZstdCompressor(level: level) }
    }

    package func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    package func encode(_ input: RawSpan, into output: Buffer) throws(EngineError) {
        var failure = 0
        output.append(upTo: bound(input.byteCount)) { space in
            let result = input.withUnsafeBytes { bytes in
                compressors.withContext {
                    ZSTD_compress2($0.context, space.baseAddress, space.count, bytes.baseAddress, bytes.count)
                }
            }
            if ZSTD_isError(result) == 0 { return result }
            failure = result
            return 0
        }
        guard failure == 0 else { throw EngineError(.bug, "zstd cannot encode: \(Self.text(failure))") }
    }

    package func decode(_ input: RawSpan, rawCount: Int, into output: Buffer) throws(EngineError) {
        try output.append(upTo: rawCount) { space throws(EngineError) in
            let result = input.withUnsafeBytes { bytes in
                decompressors.withContext {
                    ZSTD_decompressDCtx($0.context, space.baseAddress, space.count, bytes.baseAddress, bytes.count)
                }
            }
            guard ZSTD_isError(result) == 0 else {
                throw EngineError(.corrupt, "damaged zstd data: \(Self.text(result))")
            }
            guard result == rawCount else {
                throw EngineError(.corrupt, "damaged zstd data: \(result) bytes instead of \(rawCount)")
            }
            return result
        }
    }

    private static func text(_ code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}

extension Zstd {
    package struct Settings: PluginSettings {
        let level: Int

        package static let fields: [Field] = [
            .defaulted("level", "1", "how hard to press, from -7 (quickest) to 19 (smallest)")
        ]

        static let levels = -7...19
    }
}
