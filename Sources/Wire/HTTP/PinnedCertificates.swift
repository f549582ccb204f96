import CCurl

/// The pins of one curl handle, in the form the verification function reads; it must live as long as the handle.
final class PinnedCertificates {
    let pointer: UnsafeMutablePointer<ccurl_pins>
    private let digests: UnsafeMutableBufferPointer<UInt8>

    init(_ fingerprints: [CertificateFingerprint]) {
        let bytes = fingerprints.flatMap(\.bytes)
        digests = .allocate(capacity: max(1, bytes.count))
        _ = digests.initialize(from: bytes)
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: ccurl_pins())
        pointer.pointee.digests = UnsafePointer(digests.baseAddress)
        pointer.pointee.count = fingerprints.count
    }

    deinit {
        pointer.deallocate()
        digests.deallocate()
    }

    /// Whether the last handshake offered a certificate that is none of the pins.
    var isRefused: Bool { pointer.pointee.is_refused != 0 }

    /// The fingerprint that the last handshake offered.
    var seen: CertificateFingerprint? {
        guard pointer.pointee.has_seen != 0 else { return nil }
        return withUnsafeBytes(of: pointer.pointee.seen) { CertificateFingerprint(bytes: Array($0)) }
    }
}
