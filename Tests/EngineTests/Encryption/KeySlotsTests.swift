import EngineContracts
import Testing

@testable import Engine

@Suite("Key slots")
struct KeySlotsTests {
    private let target = MemoryTarget(MemoryStore())
    private let first: Passphrase
    private let second: Passphrase
    private var slots: KeySlots { KeySlots(target: target, repository: "0123") }

    init() async throws {
        first = try Passphrase("first")
        second = try Passphrase("second")
        try await target.open()
    }

    /// A repository's first slot.
    private func make() async throws -> OpenKeySlot {
        var generator = SystemRandomNumberGenerator()
        try await slots.put(
            KeySlot(
                wrapping: KeyRing.random(using: &generator), under: first, repository: "0123", label: "office",
                cost: TestRepository.cheap))
        return try await slots.open(first)
    }

    private func add(_ passphrase: Passphrase, _ open: OpenKeySlot) async throws -> KeySlot {
        try await slots.add(passphrase, label: "safe", using: open, cost: TestRepository.cheap)
    }

    private func rotate(
        _ open: OpenKeySlot, also: [Passphrase] = [], removingOthers: Bool = false
    ) async throws -> KeySlots.Rotation {
        try await slots.rotate(open, also: also, removingOthers: removingOthers, cost: TestRepository.cheap)
    }

    private func kind(_ body: () async throws -> Void) async -> EngineError.Kind? {
        do {
            try await body()
            return nil
        } catch {
            return EngineError(error).kind
        }
    }

    @Test("every passphrase of a slot opens the same keys, and no other passphrase does")
    func passphrases() async throws {
        let open = try await make()
        let added = try await add(second, open)
        let other = try await slots.open(second)
        #expect(other.ring.identity == open.ring.identity)
        #expect(other.ring.masters.map(\.key) == open.ring.masters.map(\.key))
        #expect(other.slot.id == added.id && added.label == "safe")
        let wrong = try Passphrase("Second")
        #expect(await kind { _ = try await slots.open(wrong) } == .denied)
        #expect(await kind { _ = try Passphrase("") } == .configuration)
    }

    @Test("no slot, a wrong passphrase, a damaged and an altered slot are different errors")
    func errors() async throws {
        #expect(await kind { _ = try await slots.open(first) } == .locked)
        let open = try await make()
        let key = ObjectLayout.key(open.slot.id)
        let bytes = try await target.get(key, limit: 1 << 20).array
        try await target.delete(key)
        var damaged = bytes
        damaged[bytes.count - 10] ^= 1
        try await target.put(key, Buffer(damaged))
        #expect(await kind { _ = try await slots.open(first) } == .corrupt)
        try await target.delete(key)
        let text = String(decoding: bytes, as: UTF8.self)
        let changed = try #require(text.split(separator: "\n", maxSplits: 2).last).replacing("office", with: "OFFICE")
        let head = "AHVAULT KEY 1\n"
        let seal = Digest.sha256(Array((head + changed).utf8).span.bytes)
        try await target.put(key, Buffer(Array("\(head)sha256 \(seal)\n\(changed)".utf8)))
        let error = await #expect(throws: EngineError.self) { _ = try await slots.open(first) }
        #expect(error?.kind == .corrupt && error?.message.contains("altered") == true)
        #expect(await kind { _ = try await slots.open(second) } == .denied)
    }

    @Test(
        "a slot cannot ask for more memory or time than a bound",
        arguments: [
            #"{"type": "scrypt", "salt": "SALT", "N": 1073741824, "r": 8, "p": 1}"#,
            #"{"type": "scrypt", "salt": "SALT", "N": 1048576, "r": 1024, "p": 1}"#,
            #"{"type": "scrypt", "salt": "SALT", "N": 65536, "r": 8, "p": 1000000}"#,
            #"{"type": "scrypt", "salt": "SALT", "N": 65535, "r": 8, "p": 1}"#,
            #"{"type": "scrypt", "salt": "SALT", "N": 0, "r": 8, "p": 1}"#,
            #"{"type": "scrypt", "salt": "SALT", "N": 65536, "r": -8, "p": -1}"#,
            #"{"type": "scrypt", "salt": "SALT", "N": 9223372036854775807, "r": 9223372036854775807, "p": 1}"#,
            #"{"type": "scrypt", "salt": "00", "N": 65536, "r": 8, "p": 1}"#,
        ])
    func hostileDerivation(json: String) async throws {
        let text = json.replacing("SALT", with: String(repeating: "0", count: 64))
        let document = SealedDocument<KeyDerivation>(kind: "KEY", what: "a derivation")
        let head = "AHVAULT KEY 1\n"
        let seal = Digest.sha256(Array((head + text).utf8).span.bytes)
        let derivation = try document.open(Array("\(head)sha256 \(seal)\n\(text)".utf8))
        #expect(await kind { _ = try derivation.keys(first) } == .corrupt)
    }

    @Test("a removed slot opens nothing; one's own and what is not there cannot be removed")
    func removal() async throws {
        let open = try await make()
        let added = try await add(second, open)
        #expect(await kind { try await slots.remove(open.slot.id, using: open) } == .configuration)
        #expect(await kind { try await slots.remove("ffffffffffffffff", using: open) } == .notFound)
        try await slots.remove(added.id, using: open)
        #expect(await kind { _ = try await slots.open(second) } == .denied)
        #expect(try await slots.open(first).slot.id == open.slot.id)
    }

    @Test("two who remove each other's slot at once leave one that opens")
    func removalOfEachOther() async throws {
        let open = try await make()
        let added = try await add(second, open)
        try await target.delete(ObjectLayout.key(open.slot.id))
        try await slots.remove(added.id, using: open)
        #expect(try await slots.open(first).ring.identity == open.ring.identity)
    }

    @Test("a change that is killed at any instant leaves every passphrase that stays working, and can be done again")
    func killed() async throws {
        for call in [TargetCall.put, .delete] {
            for instant in 1...4 {
                let fresh = try await KeySlotsTests()
                try await fresh.survive(call, instant)
            }
        }
    }

    private func survive(_ call: TargetCall, _ instant: Int) async throws {
        let open = try await make()
        _ = try await add(second, open)
        let gone = try await add(try Passphrase("gone"), open)
        func dying() -> KeySlots {
            KeySlots(
                target: FaultyTarget(target, [.init(call, first: instant, times: 1000)]), repository: "0123")
        }
        let third = try Passphrase("third")
        _ = try? await dying().add(third, label: "", using: open, cost: TestRepository.cheap)
        _ = try await add(third, open)
        _ = try? await dying().remove(gone.id, using: open)
        let all = [second, third, try Passphrase("gone")]
        let isThere = try await slots.list().slots.contains { $0.id == gone.id }
        let others = isThere ? all : Array(all.prefix(2))
        _ = try? await dying().rotate(open, also: others, removingOthers: false, cost: TestRepository.cheap)
        for passphrase in [first] + others {
            #expect(try await slots.open(passphrase).ring.key(ofGeneration: 1) == open.ring.key(ofGeneration: 1))
        }
        let now = try await slots.open(first)
        let rotation = try await rotate(now, also: others)
        #expect(rotation.leftBehind.isEmpty)
        for passphrase in [first] + others {
            #expect(try await slots.open(passphrase).ring.generation == now.ring.generation + 1)
        }
        #expect(try await slots.list().slots.count == others.count + 1)
    }

    @Test("a rotation keeps old keys, makes a new one, and asks for every passphrase")
    func rotation() async throws {
        let open = try await make()
        _ = try await add(second, open)
        #expect(await kind { _ = try await rotate(open) } == .configuration)
        let wrong = try Passphrase("third")
        #expect(await kind { _ = try await rotate(open, also: [wrong]) } == .denied)
        #expect(try await slots.list().slots.count == 2)
        let rotation = try await rotate(open, also: [second])
        #expect(rotation.slots.map(\.label) == ["office", "safe"] && rotation.removed.count == 2)
        for passphrase in [first, second] {
            let now = try await slots.open(passphrase)
            #expect(now.ring.generation == 2)
            #expect(now.ring.key(ofGeneration: 1) == open.ring.key(ofGeneration: 1))
            #expect(now.ring.identity == open.ring.identity)
        }
    }

    @Test("a rotation that removes other keys leaves only those given")
    func rotationRemovingOthers() async throws {
        let open = try await make()
        _ = try await add(second, open)
        _ = try await rotate(open, removingOthers: true)
        #expect(await kind { _ = try await slots.open(second) } == .denied)
        #expect(try await slots.open(first).ring.generation == 2)
    }

    @Test("only one of two who rotate at once makes the new key")
    func rotationTwice() async throws {
        let open = try await make()
        _ = try await rotate(open)
        let isLocked = await kind { _ = try await rotate(open) }
        #expect(isLocked == .locked)
        let id = KeySlots.firstID(ofGeneration: 3)
        let now = try await slots.open(first)
        let slot = try KeySlot(
            wrapping: now.ring, under: second, repository: "0123", id: id, label: "", cost: TestRepository.cheap)
        try await slots.put(slot)
        #expect(await kind { _ = try await rotate(now, also: [second]) } == .failed)
    }

    @Test("a slot of another repository is passed over")
    func strangers() async throws {
        let open = try await make()
        var generator = SystemRandomNumberGenerator()
        try await slots.put(
            KeySlot(
                wrapping: KeyRing.random(using: &generator), under: first, repository: "4567", label: "",
                cost: TestRepository.cheap))
        #expect(try await slots.list().slots.map(\.id) == [open.slot.id])
        #expect(try await slots.open(first).ring.identity == open.ring.identity)
    }
}
