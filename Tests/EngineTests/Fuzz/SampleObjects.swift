import Codecs
import EngineContracts
import Logging

@testable import Engine

/// Small valid objects of every kind.
enum SampleObjects {
    static let packID = PackID(words: (0x0A00_0000_0000_0000, 7))
    private static let context = PluginContext(
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    static var codecSet: CodecSet {
        get throws(EngineError) { try CodecSet(.builtin, in: context) }
    }
    static let codecs: [any Codec] = {
        ["zstd", "lz4", "zlib", "none"].compactMap { name in
            try? Registry<any Codec>.builtin.make(PluginChoice(type: name, settings: .empty(at: "test")), in: context)
        }
    }()

    static func digest(_ seed: Int) -> Digest { Digest.sha256([UInt8(truncatingIfNeeded: seed)].span.bytes) }

    /// A pack of so many blobs that are no more than headers and a few bytes.
    static func pack(_ count: Int) -> [UInt8] {
        var builder = PackBuilder(id: packID, kind: .data, buffer: Buffer(capacity: 64 << 10))
        for number in 0..<count {
            let bytes =
                BlobHeader(codec: 0, generation: nil, storedCount: UInt32(number), rawCount: UInt32(number)).bytes
                + Array(repeating: 1, count: number)
            let entry = PackEntry(
                id: digest(number), offset: 0, storedCount: UInt32(number), rawCount: UInt32(number), codec: 0,
                checksum: Checksum.xxh64(bytes.span.bytes))
            builder.append(copyOf: entry, bytes.span.bytes)
        }
        builder.finish()
        return builder.buffer.array
    }

    static func indexRun(_ count: Int) -> [UInt8] {
        let entries = (0..<count).map { number in
            BlobEntry(
                id: digest(number),
                location: BlobLocation(
                    pack: PackID(words: (UInt64(number % 3), 9)), kind: number % 3 == 0 ? .metadata : .data,
                    offset: UInt32(64 + number), storedCount: UInt32(number), rawCount: UInt32(number * 2), codec: 1))
        }
        return IndexRun(name: "run", entries: entries).encoded().array
    }

    static let nodes: [[UInt8]] = [
        TreeNode.leaf([]).encoded(),
        TreeNode.leaf((0..<5).map { TreeNode.Extent(start: 30 * $0, units: 16, skip: $0, chunk: digest($0)) })
            .encoded(),
        TreeNode.inner(
            level: 2,
            [0, 5, 255].map { TreeNode.Child(index: $0, node: NodeReference(id: digest($0), usedBytes: 4096)) }
        ).encoded(),
    ]

    static let configurations: [RepositoryConfiguration] = [ChunkerChoice.fixed, ChunkerChoice.content].compactMap {
        var generator = SeededGenerator(seed: 1)
        return try? RepositoryConfiguration(
            chunker: ChunkerChoice(type: $0, size: 64 << 10), isEncrypted: $0 == ChunkerChoice.content,
            created: Timestamp(milliseconds: 0), using: &generator)
    }

    static var manifest: Manifest {
        var generator = SeededGenerator(seed: 3)
        let time = Timestamp(milliseconds: 1_800_000_000_000)
        let disks = [nil, NodeReference(id: digest(9), usedBytes: 8192)].enumerated().map { number, root in
            Manifest.Disk(
                id: "disk-\(number)", address: DiskAddress(bus: "scsi", index: number), size: 10 << 20, root: root,
                isIncremental: root != nil, fallback: root == nil ? "first backup" : nil,
                statistics: Manifest.Statistics())
        }
        return Manifest(
            id: RestorePointID(at: time, using: &generator), created: time, sequence: 7,
            vm: Manifest.VM(id: "vm-1", name: "web", clusterID: "c", clusterName: "lab"), source: "lab", job: json,
            consistency: Manifest.ConsistencyRecord(asked: .crash, got: .crash), disks: disks,
            configuration: digest(5), reference: ["generation": 1], skipped: ["ide.0"], warnings: [],
            statistics: Manifest.Statistics(), writer: "ahvault 0.1")
    }

    static var manifestRoots: ManifestRoots {
        ManifestRoots(
            id: manifest.id, disks: manifest.disks.map { ManifestRoots.Disk(size: $0.size, root: $0.root) },
            configuration: manifest.configuration)
    }

    static let lease = SessionRecord(
        session: SessionID(word: 5), purpose: .backup, proxy: "proxy", run: "run", started: Timestamp(milliseconds: 9),
        seen: ["0a"],
        roots: [SessionRecord.Root(id: digest(1), level: 1), SessionRecord.Root(id: digest(2), level: nil)])
    static let condemnation = Condemnation(created: Timestamp(milliseconds: 9), packs: [packID])
    static let damage = DamageMarks(
        created: Timestamp(milliseconds: 9),
        blobs: [DamageMarks.Blob(id: digest(1), pack: packID, reason: "its checksum does not fit")],
        packs: [DamageMarks.Pack(pack: packID, reason: "it is missing")])
    static var pin: Pin {
        var generator = SeededGenerator(seed: 4)
        let time = Timestamp(milliseconds: 9)
        return Pin(restorePoint: RestorePointID(at: time, using: &generator), created: time, note: "year end")
    }
    static let json: JSONValue = [
        "text": "a \"quoted\" line\n", "number": 12, "list": [1, "two", ["three": [:]]], "yes": .bool(true),
        "none": .null, "real": .number(1.5),
    ]

    static func parity(_ count: Int) -> [UInt8] {
        let pack = SampleBytes.random(count, seed: 1)
        return ParityObject.encoded(of: packID, .data, pack.span.bytes, by: NoParity()).array
    }

    /// Parity shards of zeros: only the object's form matters here.
    private struct NoParity: ParityCoder {
        func encode(_ pack: RawSpan, _ shape: ParityShape, into parity: Buffer) {
            parity.appendZeros(shape.parityShards * shape.shardSize)
        }

        func rebuild(_ missing: [Int], of shards: Buffer, _ shape: ParityShape) throws(EngineError) {}
    }
}

extension SampleObjects {
    static let ring: KeyRing = {
        var generator = SeededGenerator(seed: 5)
        return KeyRing.random(using: &generator)
    }()
    static let cipher = BlobCipher(ring)
    static var passphrase: Passphrase {
        get throws(EngineError) { try Passphrase("a horse that nobody corrects") }
    }

    static func encryptedBlob(_ count: Int) -> [UInt8]? {
        let raw = SampleBytes.text(count, seed: 1)
        let scratch = Buffer(capacity: 64 << 10)
        return try? EncodedBlob(
            id: digest(1), raw: raw.span.bytes, codec: codecs[0], cipher: cipher, kind: .data, scratch: scratch
        ).bytes.array
    }

    static let encryptedManifests: [[UInt8]] = [
        try? Manifest.document("point").seal(
            manifest, under: cipher.keys, as: ObjectKey("manifests/0/point")
        ).array
    ].compactMap(\.self)

    static let slots: [KeySlot] = [
        try? KeySlot(
            wrapping: ring, under: passphrase, repository: "0a", label: "first",
            cost: KeyDerivation.Cost(rounds: 1 << 10, blockSize: 1, parallelism: 1))
    ].compactMap(\.self)
}
