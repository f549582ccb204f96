import Glibc

/// Tells zero blocks from data at memory speed.
package enum ZeroScan {
    /// Whether every byte is zero. Data is told by its first bytes; zeros are compared with themselves, shifted.
    package static func isZero(_ bytes: RawSpan) -> Bool {
        bytes.withUnsafeBytes { pointer in
            guard let start = pointer.baseAddress else { return true }
            let head = min(16, pointer.count)
            for index in 0..<head where pointer[index] != 0 { return false }
            guard pointer.count > 16 else { return true }
            return memcmp(start, start + 16, pointer.count - 16) == 0
        }
    }
}
