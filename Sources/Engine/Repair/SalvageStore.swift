/// Copies good blobs of damaged packs into new packs, as they are.
///
/// Order: pack, parity, index run. A crash leaves copies that nobody needs more than once; the next repair finds them.
struct SalvageStore {
    private let target: any Target
    private let parity: ParityWriter?
    private let session: SessionID
    private let ledger: StorageLedger
    private let packSize: Int
    private var builders: [PackKind: PackBuilder] = [:]
    /// Packs written so far.
    private(set) var packs: [PackID] = []

    /// - Parameter unlisted: blobs of packs that no index run lists; they are listed with the salvaged ones.
    init(
        target: any Target, index: any DedupIndex, session: SessionID, packSize: Int, parity: ParityWriter?,
        unlisted: [BlobEntry]
    ) {
        self.target = target
        self.parity = parity
        self.session = session
        self.packSize = packSize
        ledger = StorageLedger(target: target, index: index, unlisted: unlisted)
    }

    /// - Parameters:
    ///   - entry: the blob's row in the pack that it comes from.
    ///   - pack: that pack's bytes.
    mutating func append(_ entry: PackEntry, of pack: Buffer, _ kind: PackKind) async throws(EngineError) {
        let range = Int(entry.offset)..<(Int(entry.offset) + PackLayout.blobHeaderCount + Int(entry.storedCount))
        if let builder = builders[kind], !builder.hasRoom(for: range.count) { try await store(kind) }
        if builders[kind] == nil {
            var generator = SystemRandomNumberGenerator()
            let room = PackLayout.headerCount + range.count + PackLayout.entryCount + PackLayout.footerCount
            builders[kind] = PackBuilder(
                id: .random(of: session, using: &generator), kind: kind, buffer: Buffer(capacity: max(packSize, room)))
        }
        pack.withBytes(range) { builders[kind]?.append(copyOf: entry, $0) }
    }

    /// Makes everything durable and lists it.
    mutating func flush() async throws(EngineError) {
        for kind in PackKind.allCases { try await store(kind) }
        try await ledger.writeRun(ifMoreThan: 0)
    }

    private mutating func store(_ kind: PackKind) async throws(EngineError) {
        guard let builder = builders.removeValue(forKey: kind) else { return }
        builder.finish()
        try await target.put(ObjectLayout.pack(builder.id, kind), builder.buffer)
        try await parity?.put(builder.id, kind, builder.buffer)
        try await ledger.stored(builder.blobEntries, builder.buffer.count, kind)
        packs.append(builder.id)
    }
}
