import Testing

@testable import Wire

@Suite("Values of the wire")
struct WireValueTests {
    @Test("target addresses are read with and without port, group and brackets")
    func portals() {
        let cases: [(String, String?)] = [
            ("10.0.0.5", "10.0.0.5:3260"), ("10.0.0.5:3205", "10.0.0.5:3205"), ("10.0.0.5:3205,1", "10.0.0.5:3205"),
            ("[fe80::1]:3300,2", "[fe80::1]:3300"), ("[fe80::1]", "[fe80::1]:3260"), ("host,1", "host:3260"),
            ("", nil), (":3260", nil), ("host:0", nil), ("host:99999", nil), ("[fe80::1", nil), ("host:", nil),
        ]
        for (text, wanted) in cases {
            #expect(ISCSIPortal(targetAddress: text, defaultPort: 3260)?.description == wanted, "\(text)")
        }
    }

    @Test("fingerprints are read in every usual form and written in one")
    func fingerprints() {
        let hex = String(repeating: "0aFf", count: 16)
        let colons = (0..<32).map { $0 % 2 == 0 ? "0A" : "ff" }.joined(separator: ":")
        let plain = "sha256:" + String(repeating: "0aff", count: 16)
        for text in [hex, "sha256:" + hex, "SHA256:" + colons, plain] {
            #expect(CertificateFingerprint(text)?.description == plain, "\(text)")
        }
        for text in ["", "sha256:", "sha1:" + hex, hex + "0", String(hex.dropLast()) + "g"] {
            #expect(CertificateFingerprint(text) == nil, "\(text)")
        }
    }

    @Test("answers of units that are cut short or make no sense are nothing, never a trap")
    func hostileAnswers() {
        #expect(SCSIReplies.capacity([0, 0, 0, 0, 0, 0, 0x17, 0xff, 0, 0, 2, 0])?.byteCount == 0x1800 * 512)
        #expect(SCSIReplies.capacity([UInt8](repeating: 0xff, count: 32)) == nil)
        #expect(SCSIReplies.capacity([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]) == nil)
        #expect(SCSIReplies.capacity([0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 2, 0]) == nil)
        #expect(SCSIReplies.capacity([1, 2, 3]) == nil)
        #expect(
            SCSIReplies.luns([0, 0, 0, 16, 0, 0, 0, 0] + [0, 5, 0, 0, 0, 0, 0, 0] + [0x41, 2, 0, 0, 0, 0, 0, 0]) == [
                5, 258,
            ])
        #expect(SCSIReplies.luns([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1, 0]) == [])
        #expect(SCSIReplies.luns([0, 0]) == nil)
        #expect(SCSIReplies.productData([0, 0x80, 0, 3, 65, 66, 67, 68], page: 0x80) == [65, 66, 67])
        #expect(SCSIReplies.productData([0, 0x80, 0xff, 0xff, 65], page: 0x80) == [65])
        #expect(SCSIReplies.productData([0, 0x83, 0, 1, 65], page: 0x80) == nil)
    }
}
