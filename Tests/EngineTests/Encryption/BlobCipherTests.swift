import Codecs
import EngineContracts
import Logging
import Testing

import enum Crypto.AES
import struct Crypto.HKDF
import struct Crypto.HMAC
import struct Crypto.SHA256
import struct Crypto.SymmetricKey

@testable import Engine

@Suite("Encrypted blobs")
struct BlobCipherTests {
    private let ring: KeyRing
    private let id = Digest(words: (1, 2, 3, 4))

    init() {
        var generator = SeededGenerator(seed: 5)
        ring = .random(using: &generator)
    }

    private func sealed(_ text: [UInt8], _ cipher: BlobCipher) throws -> [UInt8] {
        let scratch = Buffer(capacity: 1 << 16)
        return try EncodedBlob(
            id: id, raw: text.span.bytes, codec: Stored(NoSettings(), in: PluginContext(logger: Logger(label: "test"))),
            cipher: cipher, kind: .data, scratch: scratch
        ).bytes.array
    }

    private func opened(
        _ blob: [UInt8], _ ring: KeyRing, id: Digest? = nil, kind: PackKind = .data
    ) throws(EngineError) -> [UInt8] {
        let header = try BlobHeader(parsing: blob.span.bytes)
        return Array(
            try BlobCipher(ring).open(
                blob.span.bytes, generation: header.generation ?? 0, id: id ?? self.id, kind: kind))
    }

    private func kind(_ body: () throws(EngineError) -> [UInt8]) -> EngineError.Kind? {
        do {
            _ = try body()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("a blob opens in another session with the same ring, and is 40 bytes longer than in clear")
    func roundTrip() throws {
        for count in [0, 1, 15, 16, 4096] {
            let text = [UInt8](repeating: 7, count: count)
            let blob = try sealed(text, BlobCipher(ring))
            #expect(blob.count == 16 + 24 + count + 16)
            #expect(try opened(blob, ring) == text)
        }
    }

    @Test("no session uses a key with a nonce twice")
    func nonces() throws {
        let cipher = BlobCipher(ring)
        let blobs = try (0..<50).map { _ in try sealed([1, 2, 3], cipher) } + [sealed([1, 2, 3], BlobCipher(ring))]
        #expect(Set(blobs.map { $0[16..<40] }).count == 51)
        #expect(Set(blobs.map { $0[16..<32] }).count == 2)
    }

    @Test("any changed bit, another id and another kind of pack are found")
    func tampering() throws {
        let blob = try sealed(Array("secret".utf8), BlobCipher(ring))
        for position in blob.indices {
            for bit in 0..<8 {
                var changed = blob
                changed[position] ^= 1 << bit
                #expect(kind { () throws(EngineError) in try opened(changed, ring) } == .corrupt)
            }
        }
        #expect(kind { () throws(EngineError) in try opened(blob, ring, id: Digest(words: (1, 2, 3, 5))) } == .corrupt)
        #expect(kind { () throws(EngineError) in try opened(blob, ring, kind: .metadata) } == .corrupt)
        for count in 16..<blob.count {
            #expect(kind { () throws(EngineError) in try opened(Array(blob[..<count]), ring) } == .corrupt)
        }
    }

    @Test("a rotated ring opens older blobs, an older ring says that it is too old")
    func generations() throws {
        var generator = SeededGenerator(seed: 6)
        let newer = try ring.rotated(using: &generator)
        let old = try sealed([1], BlobCipher(ring))
        let new = try sealed([2], BlobCipher(newer))
        #expect(try opened(old, newer) == [1])
        #expect(try opened(new, newer) == [2])
        let error = #expect(throws: EngineError.self) { try opened(new, ring) }
        #expect(error?.kind == .locked && error?.message.contains("generation 2") == true)
    }

    @Test("what is stored is what the format says, made by hand")
    func format() throws {
        let text = Array("by hand".utf8)
        let blob = try sealed(text, BlobCipher(ring))
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: ring.masters[0].key), salt: blob[16..<32],
            info: Array("ahvault blob 1".utf8), outputByteCount: 32)
        var name = ByteWriter()
        name.write(id)
        let box = try AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: blob[32..<40] + [0, 0, 0, 0]), ciphertext: blob[40..<(blob.count - 16)],
            tag: blob.suffix(16))
        let plain = try AES.GCM.open(box, using: key, authenticating: name.bytes + blob[..<16] + [1])
        #expect(Array(plain) == text)
        let stored = UInt8(text.count + 40)
        let header = Array("BLOB".utf8) + [0, 1, 1, 0, stored, 0, 0, 0, UInt8(text.count), 0, 0, 0]
        #expect(Array(blob[..<16]) == header)
    }

    @Test("ids of an encrypted repository are keyed, and so are the folders of VMs")
    func identity() throws {
        let keyed = ContentIdentity(secret: ring.identity)
        let text = Array("content".utf8)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(SHA256.hash(data: text)), using: SymmetricKey(data: ring.identity))
        #expect(keyed.id(of: text.span.bytes).description == Hex.text(Array(code)))
        #expect(ContentIdentity.plain.id(of: text.span.bytes).description == Hex.text(Array(SHA256.hash(data: text))))
        let folder = HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: ring.identity))
        #expect(keyed.folder(vm: "content") == Hex.text(Array(folder).prefix(8)))
        #expect(
            ContentIdentity.plain.folder(vm: "content") == String(Hex.text(Array(SHA256.hash(data: text))).prefix(16)))
    }
}
