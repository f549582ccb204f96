import CZlib
package import Engine

/// zlib streams (RFC 1950), one a chunk.
package struct Zlib: Codec {
    package static let name = "zlib"
    package static let summary = "zlib: read everywhere, slower than zstd at the same size"
    package static let wireID = CodecID.zlib

    private let deflaters: ContextPool<Deflater>
    private let inflaters = ContextPool { Inflater() }

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard Settings.levels.contains(settings.level) else {
            throw EngineError(
                .configuration,
                "`level` must be from \(Settings.levels.lowerBound) to \(Settings.levels.upperBound), "
                    + "not \(settings.level)")
        }
        let level = Int32(settings.level)
        deflaters = ContextPool { Deflater(level: level) }
    }

    package func bound(_ count: Int) -> Int { Int(compressBound(uLong(count))) }

    package func encode(_ input: RawSpan, into output: Buffer) throws(EngineError) {
        let most = bound(input.byteCount)
        guard most <= Int(uInt.max) else { throw EngineError(.unsupported, "zlib takes less than 4 GiB at once") }
        var isEncoded = false
        output.append(upTo: most) { space in
            let result = input.withUnsafeBytes { bytes in
                deflaters.withContext { $0.encode(bytes, into: space) }
            }
            isEncoded = result != nil
            return result ?? 0
        }
        guard isEncoded else { throw EngineError(.bug, "zlib cannot encode \(input.byteCount) bytes") }
    }

    package func decode(_ input: RawSpan, rawCount: Int, into output: Buffer) throws(EngineError) {
        guard input.byteCount <= Int(uInt.max), rawCount <= Int(uInt.max) else {
            throw EngineError(.corrupt, "damaged zlib data: too large for a chunk")
        }
        try output.append(upTo: rawCount) { space throws(EngineError) in
            let isWhole = input.withUnsafeBytes { bytes in
                inflaters.withContext { $0.decode(bytes, into: space) }
            }
            guard isWhole else {
                throw EngineError(.corrupt, "damaged zlib data: it does not become \(rawCount) bytes")
            }
            return rawCount
        }
    }
}

extension Zlib {
    package struct Settings: PluginSettings {
        let level: Int

        package static let fields: [Field] = [
            .defaulted("level", "1", "how hard to press, from 1 (quickest) to 9 (smallest)")
        ]

        static let levels = 1...9
    }
}
