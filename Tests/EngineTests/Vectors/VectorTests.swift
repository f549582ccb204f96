import Codecs
import Crypto
import EngineContracts
import Foundation
import Logging
import Synchronization
import Testing

@testable import Engine

/// The repositories in `docs/formats/vectors` were written once; whatever changes here, they must stay readable.
@Suite("Test vectors")
struct VectorTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/formats/vectors")

    /// What the JSON beside a vector says.
    private struct Expectation: Decodable {
        struct Point: Decodable {
            let id: String
            let configuration: String
            let disks: [Disk]
        }

        struct Disk: Decodable, Equatable {
            let address: String
            let size: UInt64
            let sha256: String
        }

        struct Master: Decodable, Equatable {
            let generation: UInt16
            let key: String
        }

        struct SessionKey: Decodable {
            let blob: String
            let generation: UInt16
            let salt: String
            let info: String
            let key: String
        }

        let restorePoints: [Point]
        let blobs: [String]
        let passphrase: String?
        let identity: String?
        let masters: [Master]?
        let sessionKey: SessionKey?
    }

    /// A vector in memory.
    private struct Vector {
        let expected: Expectation
        let target: MemoryTarget
        let store = MemoryStore()
        let repository: Repository
        let context = PluginContext(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))

        init(_ name: String) async throws {
            let document = try Data(contentsOf: folder.appending(path: "\(name).json"))
            expected = try JSONDecoder().decode(Expectation.self, from: document)
            let root = folder.appending(path: name)
            for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
                let file = root.appending(path: path)
                guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
                store[try ObjectKey(path)] = Array(try Data(contentsOf: file))
            }
            target = MemoryTarget(store)
            try await target.open()
            let passphrase = try expected.passphrase.map { text throws(EngineError) in try Passphrase(text) }
            repository = try await Repository.open(
                on: target, codecs: CodecSet(.builtin, in: context), logger: context.logger,
                keys: passphrase.map { .passphrase($0) } ?? .plain)
        }

        func index() throws -> any DedupIndex { try MemoryIndex(NoSettings(), in: context) }
    }

    private static let names = ["plain", "encrypted"]

    @Test("every disk of every restore point has the bytes that were backed up", arguments: names)
    func disks(name: String) async throws {
        let vector = try await Vector(name)
        let leases = NSTemporaryDirectory() + "ahvault-vector-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: leases) }
        let points = try await vector.repository.restorePoints()
        #expect(points.map(\.id.text) == vector.expected.restorePoints.map(\.id))
        for (point, expected) in zip(points, vector.expected.restorePoints) {
            let manifest = try await vector.repository.manifest(point)
            #expect(manifest.configuration.description == expected.configuration)
            let guest = GuestSource([])
            let restorer = Restorer(
                repository: vector.repository, index: try vector.index(), leases: leases, progress: { _ in })
            _ = try await restorer.restoreVM(manifest, Restorer.VMChoices(), to: guest)
            let disks = guest.state.withLock { $0.restored.last ?? [] }.map { disk in
                Expectation.Disk(
                    address: "\(disk.address)", size: disk.size,
                    sha256: Self.sum(disk.read(ByteRange(start: 0, count: disk.size))))
            }
            #expect(disks == expected.disks)
        }
    }

    @Test("a check of everything finds no fault, and the packs hold the blobs that they should", arguments: names)
    func check(name: String) async throws {
        let vector = try await Vector(name)
        let verifier = Verifier(repository: vector.repository, index: try vector.index(), progress: { _ in })
        let report = try await verifier.check(.deep(percent: 100))
        #expect(report.isClean)
        var blobs: Set<String> = []
        for key in vector.store.keys {
            guard let (id, kind) = ObjectLayout.parsePack(key), let bytes = vector.store[key] else { continue }
            blobs.formUnion(try PackTable(whole: bytes.span.bytes, id: id, kind: kind).entries.map(\.id.description))
        }
        #expect(blobs.sorted() == vector.expected.blobs)
    }

    @Test("the passphrase gives the key ring, and the ring the key of a session")
    func keys() async throws {
        let vector = try await Vector("encrypted")
        let ring = try #require(try vector.repository.protection.cipher).keys.ring
        #expect(Hex.text(ring.identity) == vector.expected.identity)
        let masters = ring.masters.map { Expectation.Master(generation: $0.generation, key: Hex.text($0.key)) }
        #expect(masters == vector.expected.masters && masters.count == 2)
        let expected = try #require(vector.expected.sessionKey)
        let salt = try #require(Hex.bytes(expected.salt))
        let key = try SessionKeys(ring).readingKey(.blob, generation: expected.generation, salt: salt)
        #expect(key.withUnsafeBytes { Hex.text(Array($0)) } == expected.key)
        #expect(SessionKeys.Purpose.blob.rawValue == expected.info)
    }

    private static func sum(_ bytes: [UInt8]) -> String { Hex.text(Array(SHA256.hash(data: bytes))) }
}
