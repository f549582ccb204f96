import CISAL
import Engine
import Glibc

/// Inflates blocks that nobody vouches for. One task uses it at a time.
final class DeflateDecoder: @unchecked Sendable {
    // Sendable because one task uses it at a time.
    private let state: UnsafeMutableRawPointer
    private let wrapper: DeflateWrapper

    init(_ wrapper: DeflateWrapper) {
        guard let state = cisal_inflater_make() else { preconditionFailure("out of memory for an inflater") }
        self.state = state
        self.wrapper = wrapper
    }

    deinit { free(state) }

    /// Appends what the stream at the beginning of `input` becomes; what stands behind it is not looked at.
    /// - Returns: the bytes appended, at most `most`.
    /// - Precondition: `output` has room for `most`, which is at most a gibibyte.
    /// - Throws: `.corrupt` for a damaged stream, a wrong checksum, or more than `most` bytes.
    func decode(_ input: RawSpan, into output: Buffer, most: Int) throws(EngineError) -> Int {
        guard input.byteCount > 0, input.byteCount <= 1 << 30, most > 0 else {
            throw EngineError(.corrupt, "there is no compressed data")
        }
        let before = output.count
        var isWhole = false
        output.append(upTo: most) { space in
            let count = input.withUnsafeBytes { bytes in
                cisal_inflate(
                    state, wrapper == .zlib ? 1 : 0, bytes.baseAddress, UInt32(bytes.count), space.baseAddress,
                    UInt32(space.count))
            }
            isWhole = count >= 0
            return max(0, count)
        }
        guard isWhole else { throw EngineError(.corrupt, "the compressed data is damaged") }
        return output.count - before
    }
}
