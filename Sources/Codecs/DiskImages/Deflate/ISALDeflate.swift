import CISAL
import Glibc

/// Deflate by ISA-L: the quickest, and not the smallest.
final class ISALDeflate: DeflateEngine, @unchecked Sendable {
    // Sendable because one task uses it at a time.
    private let state: UnsafeMutableRawPointer
    private let level: UInt32
    private let wrapper: DeflateWrapper

    /// - Precondition: `level` is from 1 to 3.
    init(level: UInt32, _ wrapper: DeflateWrapper) {
        guard let state = cisal_deflater_make() else { preconditionFailure("out of memory for a deflater") }
        self.state = state
        self.level = level
        self.wrapper = wrapper
    }

    deinit { free(state) }

    func encode(_ input: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Int? {
        let windowBits: UInt16 = wrapper == .rawSmallWindow ? 12 : 0
        let count = cisal_deflate(
            state, level, wrapper == .zlib ? 1 : 0, windowBits, input.baseAddress, UInt32(input.count),
            space.baseAddress,
            UInt32(space.count))
        return count < 0 ? nil : count
    }
}
