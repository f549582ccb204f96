import Codecs
import EngineContracts
import Logging
import Synchronization
import Testing

@testable import Engine

@Suite("Encrypted repositories")
struct EncryptedRepositoryTests {
    private func make(_ passphrase: String? = "open sesame") async throws -> TestRepository {
        try await TestRepository.$usualPassphrase.withValue(passphrase) { try await TestRepository() }
    }

    private func source(_ text: String) -> GuestSource {
        var disk = GuestDisk(id: "disk-0", address: DiskAddress(bus: "scsi", index: 0), size: 8 << 20)
        let bytes = Array(String(repeating: text, count: 20_000).utf8)
        disk.write(bytes, at: 0, generation: 1)
        return GuestSource([disk])
    }

    private func open(_ test: TestRepository, _ keys: KeyChoice) async throws -> Repository {
        try await Repository.open(
            on: test.target, codecs: CodecSet(.builtin, in: test.context), logger: test.context.logger, keys: keys)
    }

    private func kind<R>(_ body: () async throws -> R) async -> EngineError.Kind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return EngineError(error).kind
        }
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }

    @Test("nothing at the target shows names or content of a VM")
    func nothingInClear() async throws {
        let test = try await make()
        let source = source("the quick brown fox ")
        _ = try await test.manifest(source, codec: "none")
        let plain = try await make(nil)
        _ = try await plain.manifest(source, codec: "none")
        for words in ["quick brown", source.vm.name, source.vm.id, "disk-0"] {
            func objects(_ test: TestRepository) async throws -> Int {
                var hits = 0
                for object in try await test.target.list(prefix: "") {
                    let bytes = try await test.target.get(object.key, limit: 1 << 26).array
                    if contains(bytes, words) || object.key.text.contains(words) { hits += 1 }
                }
                return hits
            }
            #expect(try await objects(plain) > 0, "\(words) is looked for in vain")
            #expect(try await objects(test) == 0, "\(words) is in clear")
        }
        let ids = try await Set(IndexContent.ids(of: test))
        #expect(try await ids.isDisjoint(with: IndexContent.ids(of: plain)))
        let keys = try await test.target.list(prefix: ObjectLayout.manifests).map(\.key)
        #expect(!keys.contains { $0.text.contains(ContentIdentity.plain.folder(vm: source.vm.id)) })
    }

    @Test("wrong passphrase, none, and one for a repository in clear are different errors")
    func errors() async throws {
        let test = try await make()
        let plain = try await make(nil)
        let wrong = try Passphrase("open sesam")
        let right = try Passphrase("open sesame")
        #expect(await kind { try await open(test, .passphrase(wrong)) } == .denied)
        #expect(await kind { try await open(test, .plain) } == .locked)
        #expect(await kind { try await open(plain, .passphrase(right)) } == .configuration)
        for object in try await test.target.list(prefix: ObjectLayout.keys) { try await test.target.delete(object.key) }
        #expect(await kind { try await open(test, .passphrase(right)) } == .locked)
    }

    @Test("without keys names can be listed, and what needs keys says so")
    func keyless() async throws {
        let test = try await make()
        let manifest = try await test.manifest(source("text "))
        let locked = try await open(test, .none)
        let points = try await locked.restorePoints()
        #expect(points.map(\.id) == [manifest.id])
        #expect(await kind { try await locked.manifest(points[0]) } == .locked)
        #expect(await kind { try await locked.restorePoints(ofVM: manifest.vm.id) } == .locked)
        #expect(await kind { try await locked.commit(manifest) } == .locked)
        #expect(await kind { try locked.identity } == .locked)
        let index = try test.index()
        _ = try await IndexLoader(locked).load(into: index)
        let blobs = BlobReader(locked, index: index)
        #expect(await kind { try await blobs.read(manifest.configuration, limit: 1 << 20, "it") } == .locked)
        #expect(await kind { try await restore(manifest, with: locked, test) } == .locked)
    }

    private func restore(_ manifest: Manifest, with repository: Repository, _ test: TestRepository) async throws {
        let restorer = Restorer(
            repository: repository, index: try test.index(), leases: test.leases, progress: { _ in })
        _ = try await restorer.restoreVM(manifest, Restorer.VMChoices(), to: source("text "))
    }

    @Test("after a rotation older restore points come back, and new ones need a new key")
    func rotation() async throws {
        let test = try await make()
        let source = source("first ")
        let first = try await test.manifest(source)
        let before = try await test.repository()
        let passphrase = try Passphrase("open sesame")
        let slots = KeySlots(before)
        _ = try await slots.rotate(
            slots.open(passphrase), also: [], removingOthers: false, cost: TestRepository.cheap)
        let disks = source.state.withLock { $0.disks }
        source.change { disks, generation in
            disks[0].write(Array(repeating: 9, count: 200_000), at: 3 << 20, generation: generation)
        }
        let second = try await test.manifest(source)
        #expect(second.disks[0].isIncremental)
        #expect(try await test.restore(first, to: source)[0].content == disks[0].content)
        #expect(try await test.restore(second, to: source)[0].content == source.state.withLock { $0.disks[0].content })
        #expect(try await test.check().isClean)
        let points = try await before.restorePoints()
        #expect(try await before.manifest(points[0]).id == first.id)
        #expect(await kind { try await before.manifest(points[1]) } == .locked)
        #expect(await kind { try await restore(second, with: before, test) } == .locked)
    }

    @Test("a changed byte of a manifest, a pack or an index run is named")
    func tampering() async throws {
        let test = try await make()
        let source = source("text ")
        let manifest = try await test.manifest(source)
        let point = try #require(try await test.repository().restorePoints().first)
        let whole = try await test.target.get(point.key, limit: 1 << 20).array
        // As somebody would who knows the format: the checksum of what was changed fits.
        let parts = whole.split(separator: UInt8(ascii: "\n"), maxSplits: 2)
        var body = Array(parts[2])
        body[3] ^= 4
        let line = Array(parts[0]) + [UInt8(ascii: "\n")]
        let changed = line + body
        let seal = Array("sha256 \(Digest.sha256(changed.span.bytes))\n".utf8)
        try await replace(point.key, with: line + seal + body, test)
        let error = await #expect(throws: EngineError.self) { try await test.repository().manifest(point) }
        #expect(error?.kind == .corrupt && error?.message.contains("altered") == true)
        #expect(error?.message.contains(point.id.text) == true)
        let other = ObjectLayout.manifest(manifest.id, folder: "0000000000000000")
        try await test.target.put(other, Buffer(whole))
        let moved = StoredPoint(id: manifest.id, key: other, size: whole.count)
        #expect(await kind { try await test.repository().manifest(moved) } == .corrupt)
        try await replace(point.key, with: whole, test)

        let pack = try #require(
            try await test.target.list(prefix: ObjectLayout.packs).first { $0.key.text.hasPrefix("packs/d/") })
        var bytes = try await test.target.get(pack.key, limit: 1 << 26).array
        bytes[200] ^= 1
        try await replace(pack.key, with: bytes, test)
        let damage = await #expect(throws: EngineError.self) { try await test.restore(manifest, to: source) }
        #expect(damage?.kind == .corrupt && "\(damage as Any)".contains(pack.key.text))
        let report = try await test.check()
        #expect(!report.isClean && report.damages.contains { $0.object == pack.key.text })
    }

    private func replace(_ key: ObjectKey, with bytes: [UInt8], _ test: TestRepository) async throws {
        try await test.target.delete(key)
        try await test.target.put(key, Buffer(bytes))
    }

    @Test("a manifest in clear is not taken by an encrypted repository, nor the other way round")
    func mixture() async throws {
        let test = try await make()
        let plain = try await make(nil)
        defer {
        }
        let inClear = try await plain.manifest(source("text "))
        let hidden = try await test.manifest(source("text "))
        for (id, from, to) in [(inClear.id, plain, test), (hidden.id, test, plain)] {
            let found = try await from.repository().restorePoints().first { $0.id == id }
            let point = try #require(found)
            try await to.target.put(point.key, try await from.target.get(point.key, limit: 1 << 20))
            let repository = try await to.repository()
            #expect(await kind { try await repository.manifest(point) } == .corrupt)
        }
    }

    @Test("an init that was stopped before `config` leaves nothing that is taken for a key")
    func stoppedInit() async throws {
        let target = MemoryTarget(MemoryStore())
        try await target.open()
        let passphrase = try Passphrase("open sesame")
        let key = FirstKey(passphrase, cost: TestRepository.cheap)
        let chunker = ChunkerChoice(type: ChunkerChoice.fixed, size: 65_536)
        let stopped = FaultyTarget(target, [.init(.put, prefix: "config")])
        #expect(await kind { try await Repository.create(on: stopped, chunker: chunker, key: key) } == .failed)
        try await Repository.create(on: target, chunker: chunker, key: key)
        #expect(try await target.list(prefix: ObjectLayout.keys).count == 2)
        let context = try await make().context
        let repository = try await Repository.open(
            on: target, codecs: CodecSet(.builtin, in: context), logger: context.logger, keys: .passphrase(passphrase))
        #expect(try await KeySlots(repository).list().slots.count == 1)
    }
}

/// What the index runs at a target list.
private enum IndexContent {
    static func ids(of test: TestRepository) async throws -> [Digest] {
        var ids: [Digest] = []
        for object in try await test.target.list(prefix: ObjectLayout.packs) {
            guard let pack = ObjectLayout.parsePack(object.key) else { continue }
            let table = try await PackTable.fetch(pack.id, pack.kind, size: object.size, from: test.target)
            ids += table.entries.map(\.id)
        }
        return ids
    }
}
