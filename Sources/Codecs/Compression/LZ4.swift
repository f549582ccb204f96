import CLZ4
package import Engine

/// LZ4 blocks, without frame.
package struct LZ4: Codec {
    package static let name = "lz4"
    package static let summary = "LZ4: quickest, larger than zstd"
    package static let wireID = CodecID.lz4

    private let acceleration: Int32

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard Settings.accelerations.contains(settings.acceleration) else {
            throw EngineError(
                .configuration,
                "`acceleration` must be from \(Settings.accelerations.lowerBound) to "
                    + "\(Settings.accelerations.upperBound), not \(settings.acceleration)")
        }
        acceleration = Int32(settings.acceleration)
    }

    /// What `LZ4_compressBound` says, for any size.
    package func bound(_ count: Int) -> Int { count + count / 255 + 16 }

    package func encode(_ input: RawSpan, into output: Buffer) throws(EngineError) {
        guard input.byteCount <= Int(LZ4_MAX_INPUT_SIZE) else {
            throw EngineError(.unsupported, "lz4 takes at most \(LZ4_MAX_INPUT_SIZE) bytes at once")
        }
        var isEncoded = false
        output.append(upTo: bound(input.byteCount)) { space in
            let result = input.withUnsafeBytes { bytes in
                LZ4_compress_fast(
                    bytes.baseAddress, space.baseAddress, Int32(bytes.count), Int32(clamping: space.count),
                    acceleration)
            }
            isEncoded = result > 0
            return Int(max(result, 0))
        }
        guard isEncoded else { throw EngineError(.bug, "lz4 cannot encode \(input.byteCount) bytes") }
    }

    package func decode(_ input: RawSpan, rawCount: Int, into output: Buffer) throws(EngineError) {
        guard let inputCount = Int32(exactly: input.byteCount), let wanted = Int32(exactly: rawCount) else {
            throw EngineError(.corrupt, "damaged lz4 data: too large for a block")
        }
        try output.append(upTo: rawCount) { space throws(EngineError) in
            let result = input.withUnsafeBytes { bytes in
                LZ4_decompress_safe(bytes.baseAddress, space.baseAddress, inputCount, wanted)
            }
            guard result == wanted else {
                throw EngineError(.corrupt, "damaged lz4 data: it does not become \(rawCount) bytes")
            }
            return rawCount
        }
    }
}

extension LZ4 {
    package struct Settings: PluginSettings {
        let acceleration: Int

        package static let fields: [Field] = [
            .defaulted("acceleration", "1", "from 1 (smallest) to 99 (quickest)")
        ]

        static let accelerations = 1...99
    }
}
