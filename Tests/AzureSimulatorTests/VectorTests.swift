import Foundation
import NIOCore
import Testing

@testable import AzureSimulator

/// Signatures and checksums that Microsoft's own clients computed.
@Suite("Azure vectors")
struct AzureVectorTests {
    struct Vectors: Decodable {
        struct Signed: Decodable {
            var op: String
            var method: String
            var url: String
            var headers: [String: String]
            var string_to_sign: String
            var authorization: String
        }
        struct Shared: Decodable {
            var kind: String
            var token: String
            var string_to_sign: String
        }
        struct Sum: Decodable {
            var data_b64: String
            var header: String
        }

        var account: String
        var key: String
        var user_delegation_key: String
        var sharedkey: [Signed]
        var sas: [Shared]
        var crc64: [Sum]
    }

    static func vectors() throws -> Vectors {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/signatures.json")
        return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }

    @Test("a Shared Key signature is over what the SDK signs")
    func sharedKey() throws {
        let vectors = try Self.vectors()
        #expect(vectors.sharedkey.count == 15)
        for vector in vectors.sharedkey {
            let headers = Dictionary(uniqueKeysWithValues: vector.headers.map { ($0.key.lowercased(), $0.value) })
            let target = vector.url.replacing("http://127.0.0.1:10000", with: "")
            let call = try #require(Call(method: vector.method, target: target, headers: headers))
            let texts = SharedKey.stringsToSign(call)
            #expect(texts.contains(vector.string_to_sign), "\(vector.op)")
            let signatures = texts.compactMap { SharedKey.sign($0, key: vectors.key) }
            #expect(
                signatures.contains { "SharedKey \(vectors.account):\($0)" == vector.authorization }, "\(vector.op)")
        }
    }

    @Test("a shared access signature is over what the SDK signs")
    func signatures() throws {
        let vectors = try Self.vectors()
        let resources = [
            "service blob": "/blob/devstoreaccount1/cont/dir/o ü",
            "service blob with overrides and policy": "/blob/devstoreaccount1/cont/o",
            "service container": "/blob/devstoreaccount1/cont", "account": "",
            "user delegation blob": "/blob/devstoreaccount1/cont/o",
        ]
        for vector in vectors.sas {
            let resource = try #require(resources[vector.kind])
            let pairs = try #require(Percent.pairs(vector.token))
            let sas = SAS(Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.value) }))
            let text =
                sas.isAccount
                ? sas.accountText(account: vectors.account)
                : sas.isDelegation ? sas.delegationText(resource: resource) : sas.serviceText(resource: resource)
            #expect(text == vector.string_to_sign, "\(vector.kind)")
            let key = sas.isDelegation ? vectors.user_delegation_key : vectors.key
            #expect(SharedKey.sign(text, key: key) == sas["sig"], "\(vector.kind)")
        }
    }

    @Test("CRC64 is the one of Microsoft's module")
    func checksums() throws {
        for vector in try Self.vectors().crc64 {
            let bytes = [UInt8](try #require(Data(base64Encoded: vector.data_b64)))
            #expect(BodyDigests(ByteBuffer(bytes: bytes)).crc64 == vector.header)
        }
        let long = (0..<16).flatMap { _ in (0...255).map { UInt8($0) } }
        #expect(BodyDigests(ByteBuffer(bytes: long)).crc64 == "nERQZ1+fcj4=")
        #expect(BodyDigests(ByteBuffer(bytes: [UInt8](repeating: 0, count: 512))).crc64 == "6YKnaCgO5h0=")
    }
}
