import Codecs
import EngineContracts
import Synchronization
import Testing

@testable import Engine

/// Which of two repositories are encrypted, and how.
enum CopyPairing: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case bothPlain = "neither is encrypted"
    case toEncrypted = "the destination is encrypted"
    case fromEncrypted = "the source is encrypted"
    case samePassphrase = "both are encrypted, with one passphrase"
    case bothEncrypted = "both are encrypted"

    var testDescription: String { rawValue }

    var passphrases: (String?, String?) {
        switch self {
        case .bothPlain: (nil, nil)
        case .toEncrypted: (nil, "a second horse")
        case .fromEncrypted: ("a horse of ours", nil)
        case .samePassphrase: ("a horse of ours", "a horse of ours")
        case .bothEncrypted: ("a horse of ours", "a second horse")
        }
    }
}

/// Two repositories, and a VM that is backed up into the first.
struct CopyScene {
    let source: TestRepository
    let destination: TestRepository
    let guest: GuestSource

    init(_ pairing: CopyPairing = .bothPlain, chunker: String = ChunkerChoice.fixed, bytes: Int = 2 << 20) async throws
    {
        let (first, second) = pairing.passphrases
        source = try await TestRepository.$usualPassphrase.withValue(first) {
            try await TestRepository(chunker: chunker)
        }
        destination = try await TestRepository.$usualPassphrase.withValue(second) {
            try await TestRepository(chunker: ChunkerChoice.content)
        }
        guest = Self.guest(bytes)
    }

    /// A VM with a disk of 600 MiB, so that its tree has an inner node, of which `bytes` are random.
    static func guest(_ bytes: Int, vm: String = "vm-1", seed: UInt64 = 1) -> GuestSource {
        var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 600 << 20)
        disk.write(SampleBytes.random(bytes, seed: seed), at: 3 << 20, generation: 1)
        disk.write(Array(repeating: 7, count: 300_000), at: 400 << 20, generation: 1)
        return GuestSource([disk], vm: vm)
    }

    func write(_ count: Int, at offset: UInt64, seed: UInt64) {
        let bytes = SampleBytes.random(count, seed: seed)
        guest.change { disks, generation in disks[0].write(bytes, at: offset, generation: generation) }
    }

    var content: [UInt64: [UInt8]] { Self.content(guest) }

    static func content(_ guest: GuestSource) -> [UInt64: [UInt8]] { guest.state.withLock { $0.disks[0].content } }

    /// - Parameters: targets to use in place of the repositories' own.
    func run(
        from first: (any Target)? = nil, to second: (any Target)? = nil, codec: String = "zstd",
        _ options: CopyOptions = CopyOptions(), progress: @escaping ProgressSink = { _ in }
    ) async throws -> CopyRun {
        CopyRun(
            from: CopySide(name: "main", repository: try await open(source, first), index: try source.index()),
            to: CopySide(name: "offsite", repository: try await open(destination, second), index: try source.index()),
            codec: try destination.codec(codec), options: options, leases: source.leases, progress: progress)
    }

    private func open(_ test: TestRepository, _ target: (any Target)?) async throws -> Repository {
        try await Repository.open(
            on: target ?? test.target, codecs: CodecSet(.builtin, in: test.context, parity: ReedSolomon()),
            logger: test.context.logger, keys: test.passphrase.map { .passphrase($0) } ?? .plain)
    }

    /// Copies everything.
    func copy(codec: String = "zstd", _ options: CopyOptions = CopyOptions()) async throws -> CopyReport {
        try await run(codec: codec, options).run(source.repository().restorePoints())
    }

    func plan(_ options: CopyOptions = CopyOptions()) async throws -> CopyReport {
        try await run(options).plan(source.repository().restorePoints())
    }

    /// The restore point as the destination has it.
    func there(_ manifest: Manifest) async throws -> Manifest {
        let repository = try await destination.repository()
        let stored = try #require(try await repository.restorePoints().first { $0.id == manifest.id })
        return try await repository.manifest(stored)
    }

    /// The disk as it comes back from the destination.
    func restored(_ manifest: Manifest, to guest: GuestSource? = nil) async throws -> [UInt64: [UInt8]] {
        try await destination.restore(there(manifest), to: guest ?? self.guest)[0].content
    }

    /// Every blob of the packs of a kind, by the tables of the packs.
    static func blobs(_ test: TestRepository, _ kind: PackKind = .data) throws -> [Digest: PackEntry] {
        var found: [Digest: PackEntry] = [:]
        for key in test.keys(ObjectLayout.packs) {
            let (id, itsKind) = try #require(ObjectLayout.parsePack(key))
            guard itsKind == kind, let bytes = test.store[key] else { continue }
            for entry in try PackTable(whole: bytes.span.bytes, id: id, kind: kind).entries { found[entry.id] = entry }
        }
        return found
    }
}
