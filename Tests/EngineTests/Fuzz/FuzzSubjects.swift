import Codecs
import EngineContracts

@testable import Engine

/// Every parser of bytes that a repository holds.
enum FuzzSubjects {
    static let all: [FuzzSubject] = binary + encrypted + documents + texts + codecs + packages

    private static let binary: [FuzzSubject] = [
        FuzzSubject(
            name: "pack table", samples: [0, 1, 7].map { SampleObjects.pack($0) }, seal: Seals.pack,
            parse: { bytes throws(EngineError) in
                _ = try PackTable(whole: bytes.span.bytes, id: SampleObjects.packID, kind: .data)
            }),
        FuzzSubject(
            name: "index run", samples: [0, 1, 9].map { SampleObjects.indexRun($0) }, seal: Seals.indexRun,
            parse: { bytes throws(EngineError) in _ = try IndexRun(name: "run", parsing: bytes.span.bytes) }),
        FuzzSubject(
            name: "mapped index run", samples: [0, 1, 9, 700].map { SampleObjects.indexRun($0) }, seal: Seals.indexRun,
            parse: { bytes throws(EngineError) in try HostileRun.read(bytes) }),
        FuzzSubject(
            name: "damaged pack", samples: [0, 1, 7].map { SampleObjects.pack($0) }, seal: Seals.pack,
            parse: { bytes throws(EngineError) in
                var scratch = Buffer(capacity: 1)
                let inspection = PackInspection(id: SampleObjects.packID, kind: .data, blobs: nil)
                let result = inspection.inspect(bytes.span.bytes, &scratch)
                let codecs = try SampleObjects.codecSet
                let walk = BlobWalk(codecs: codecs, protection: .plain)
                let entries = walk.entries(in: bytes.span.bytes, of: SampleObjects.packID, .data)
                _ = inspection.inspect(bytes.span.bytes, by: entries, &scratch)
                guard result.isGood else { throw EngineError(.corrupt, "it is damaged") }
            }),
        FuzzSubject(
            name: "tree node", samples: SampleObjects.nodes,
            parse: { bytes throws(EngineError) in
                let node = try TreeNode(parsing: bytes.span.bytes, id: SampleObjects.digest(1))
                _ = node.usedBytes
            }),
        FuzzSubject(
            name: "parity", samples: [SampleObjects.parity(100), SampleObjects.parity(5000)], seal: Seals.parity,
            parse: { bytes throws(EngineError) in
                let object = try ParityObject(parsing: bytes.span.bytes, of: SampleObjects.packID, .data)
                _ = object.damagedParity(in: bytes.span.bytes)
            }),
    ]

    private static let documents: [FuzzSubject] = [
        document("config", RepositoryConfiguration.document, SampleObjects.configurations) {
            configuration throws(EngineError) in try configuration.checkSupported()
        },
        document("manifest", Manifest.document("point"), [SampleObjects.manifest]) { manifest throws(EngineError) in
            try manifest.checkNumbers()
            _ = (manifest.roots, manifest.disks.map(\.shape.leafCount), manifest.disks.reduce(0) { $0 + $1.size })
        },
        document("roots of a manifest", ManifestRoots.document("point"), [SampleObjects.manifestRoots]) {
            manifest throws(EngineError) in _ = try manifest.roots()
        },
        document("lease", SessionRecord.document, [SampleObjects.lease]) { _ throws(EngineError) in },
        document("condemnation", Condemnation.document, [SampleObjects.condemnation]) { _ throws(EngineError) in },
        document("damage", DamageMarks.document, [SampleObjects.damage]) { marks throws(EngineError) in
            _ = marks.avoided
        },
        document("pin", SealedDocument<Pin>(kind: "PIN", what: "a pin"), [SampleObjects.pin]) { _ throws(EngineError) in
        },
        FuzzSubject(
            name: "JSON", samples: [SampleObjects.json.text], jsonStart: { _ in 0 },
            parse: { bytes throws(EngineError) in
                let value = try JSONValue(parsing: bytes)
                guard try JSONValue(parsing: value.text) == value else { throw EngineError(.bug, "another value") }
            }),
    ]

    private static let encrypted: [FuzzSubject] = [
        FuzzSubject(
            name: "encrypted blob", samples: [0, 1, 3000].compactMap { SampleObjects.encryptedBlob($0) },
            parse: { bytes throws(EngineError) in
                let header = try BlobHeader(parsing: bytes.span.bytes)
                _ = try SampleObjects.cipher.open(
                    bytes.span.bytes, generation: header.generation ?? 0, id: SampleObjects.digest(1), kind: .data)
            }),
        FuzzSubject(
            name: "encrypted manifest", samples: SampleObjects.encryptedManifests, jsonStart: { _ in 0 },
            seal: Seals.document,
            parse: { bytes throws(EngineError) in
                let key = try ObjectKey("manifests/0/point")
                _ = try Manifest.document("point").open(bytes, under: SampleObjects.cipher.keys, as: key)
            }),
        document("key slot", KeySlot.document("slot"), SampleObjects.slots) { slot throws(EngineError) in
            let kdf = slot.kdf
            let isCheap = kdf.rounds <= 1 << 11 && kdf.blockSize <= 2 && kdf.parallelism <= 2
            let isRefused = kdf.rounds > 1 << 22 || kdf.blockSize > 1 << 10 || kdf.parallelism > 1 << 10
            if isCheap || isRefused { _ = try slot.open(SampleObjects.passphrase) }
        },
    ]

    private static func document<Content: Codable & Sendable>(
        _ name: String, _ document: SealedDocument<Content>, _ contents: [Content],
        _ check: @escaping @Sendable (Content) throws(EngineError) -> Void
    ) -> FuzzSubject {
        FuzzSubject(
            name: name, samples: contents.compactMap { try? document.seal($0).array },
            jsonStart: Seals.jsonStart, seal: Seals.document,
            parse: { bytes throws(EngineError) in try check(document.open(bytes)) })
    }

    private static let texts: [FuzzSubject] = [
        FuzzSubject(
            name: "names",
            samples: [
                "20261122-183045-k3f9x2mq", "packs/d/0a/0a000000000000000000000000000001", "2026-11-22T18:30:45.123Z",
                "parity/0a/0a000000000000000000000000000001", "00112233445566ff",
            ].map { Array($0.utf8) },
            parse: { bytes throws(EngineError) in
                let text = String(decoding: bytes, as: UTF8.self)
                _ = (Digest(text), PackID(text), SessionID(text))
                if let time = Timestamp(text) { return _ = (time.description, time.compact) }
                _ = try? RestorePointID(text)
                let key = try ObjectKey(text)
                _ = (ObjectLayout.parsePack(key), ObjectLayout.parseParity(key), key.lastPart)
            })
    ]

    private static let codecs: [FuzzSubject] = SampleObjects.codecs.map { codec in
        let count = 3000
        let raw = [SampleBytes.text(count, seed: 1), SampleBytes.random(count, seed: 2)]
        let samples = raw.compactMap { raw -> [UInt8]? in
            let output = Buffer(capacity: codec.bound(count))
            do { try codec.encode(raw.span.bytes, into: output) } catch { return nil }
            return output.array
        }
        return FuzzSubject(
            name: "codec \(type(of: codec).name)", samples: samples,
            parse: { bytes throws(EngineError) in
                let output = Buffer(capacity: count)
                try codec.decode(bytes.span.bytes, rawCount: count, into: output)
                guard output.count == count else { throw EngineError(.bug, "\(output.count) bytes") }
            })
    }
}
