import Testing

@testable import Engine

/// What can happen to any object of a repository.
enum ObjectFault: String, CaseIterable, Sendable {
    case empty, truncated, laterVersion, missing, swapped
}

@Suite("Damaged objects", .plainAndEncrypted)
struct ObjectDamageTests {
    /// One object of each kind, with what it takes the place of when names are swapped.
    private func objects(of scene: DamagedRepository) async throws -> [(key: ObjectKey, other: ObjectKey)] {
        let test = scene.test
        let repository = try await test.repository()
        for point in try await repository.restorePoints() {
            _ = try await repository.pin(point, note: nil, now: .now())
        }
        for number in 1...2 {
            let pack = PackID(words: (UInt64(number), 1))
            try await DamageMarks.put(
                DamageMarks(packs: [DamageMarks.Pack(pack: pack, reason: "it is missing")]), at: test.target)
            _ = try await Condemnation.put([pack], at: test.target)
        }
        let run = try RunLease(in: test.leases, tag: repository.tag)
        let sessions = [
            try await Session.begin(.restore, on: test.target, run: run),
            try await Session.begin(.restore, on: test.target, run: run),
        ]
        let leased = scene.keys("sessions/").map { ($0, test.store[$0]) }
        for session in sessions { await session.end() }
        for (key, bytes) in leased { test.store[key] = bytes }
        let prefixes = [
            "packs/d/", "packs/m/", "index/", "manifests/", "parity/", "pins/", "damage/", "gc/", "sessions/", "keys/",
        ]
        return prefixes.compactMap { prefix in
            let keys = scene.keys(prefix)
            // A session may have two objects for a moment.
            guard let first = keys.first, let other = keys.first(where: { $0.owner != first.owner }) else {
                return nil
            }
            return (first, other)
        }
    }

    private func harm(
        _ key: ObjectKey, _ other: ObjectKey, _ fault: ObjectFault, in scene: DamagedRepository
    ) throws {
        switch fault {
        case .empty: scene.test.store[key] = []
        case .truncated: try scene.change(key) { $0.removeLast($0.count / 3) }
        case .missing: scene.test.store[key] = nil
        case .swapped:
            let bytes = scene.test.store[key]
            scene.test.store[key] = scene.test.store[other]
            scene.test.store[other] = bytes
        case .laterVersion: try scene.change(key) { $0 = Self.later($0) }
        }
    }

    /// The same object, sound, of format version 2.
    static func later(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard bytes.starts(with: Array("AHVAULT ".utf8)) else {
            bytes[8] = 2
            if bytes.starts(with: Array(IndexRun.magic.utf8)) {
                let sum = Checksum.xxh64(Array(bytes.dropLast(8)).span.bytes)
                bytes.replaceSubrange((bytes.count - 8)..., with: withUnsafeBytes(of: sum.littleEndian) { Array($0) })
            }
            return bytes
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
            .map { Array($0) }
        var words = String(decoding: lines[0], as: UTF8.self).split(separator: " ").map(String.init)
        words[2] = "2"
        lines[0] = Array(words.joined(separator: " ").utf8)
        let covered = lines[0] + [UInt8(ascii: "\n")] + lines[2]
        lines[1] = Array("sha256 \(Digest.sha256(covered.span.bytes))".utf8)
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// Names of which the content knows nothing: to swap them changes nothing.
    private static let nameless = ["damage/", "gc/", "index/"]

    /// Objects whose absence is no damage: restore points and pins can be deleted, all else is made anew.
    private func isNamed(_ key: ObjectKey, _ fault: ObjectFault, isScrub: Bool) -> Bool {
        let text = key.text
        switch fault {
        case .missing: return text.hasPrefix("packs/") && !isScrub
        case .swapped:
            if Self.nameless.contains(where: { text.hasPrefix($0) }) { return false }
            // What an encrypted document is, its key alone tells; of a pin it only matters that it is there.
            guard TestRepository.usualPassphrase != nil else { return true }
            return !(text.hasPrefix("pins/") || isScrub && text.hasPrefix("manifests/"))
        case .empty, .truncated, .laterVersion: return true
        }
    }

    @Test(
        "each kind of object, however harmed, is named by itself; what it holds stays harmless to the rest",
        arguments: ObjectFault.allCases)
    func eachKind(fault: ObjectFault) async throws {
        let scene = try await DamagedRepository(hasParity: true, bytes: 256 << 10)
        let objects = try await objects(of: scene)
        #expect(objects.count >= 9)
        let intact = Dictionary(uniqueKeysWithValues: scene.test.store.keys.map { ($0, scene.test.store[$0]) })
        #expect(try await scene.check().isClean)
        #expect(try await scene.scrub().isClean)
        for (key, other) in objects {
            try harm(key, other, fault, in: scene)
            let deep = try await scene.check()
            let scrub = try await scene.scrub()
            let structure = try await scene.check(.structure)
            for (report, isScrub) in [(deep, false), (structure, false), (scrub, true)] {
                let named = report.damages.contains { $0.object == key.text }
                // A structure check only asks whether parity is there.
                let isAsked = report.depth != "structure" || !key.text.hasPrefix("parity/") || fault == .empty
                #expect(
                    named == (isNamed(key, fault, isScrub: isScrub) && isAsked),
                    "\(report.depth): \(key) \(fault): \(report.damages.map { "\($0.object): \($0.reason)" })")
                let strangers = report.damages.map(\.object).filter { $0 != key.text && $0 != other.text }
                #expect(strangers == [], "\(report.depth): \(key) \(fault)")
            }
            try await expectUsable(scene, "\(key) \(fault)")
            for known in scene.test.store.keys where intact[known] == nil { scene.test.store[known] = nil }
            for (known, bytes) in intact { scene.test.store[known] = bytes }
        }
    }

    /// A full backup on top of the damage can be restored, whatever it is.
    private func expectUsable(_ scene: DamagedRepository, _ what: String) async throws {
        do {
            _ = try await scene.repair()
            let manifest = try await scene.test.manifest(scene.source)
            #expect(try await scene.restored(manifest) == scene.content, "\(what)")
            let after = try await scene.check()
            #expect(!after.damagedPoints.contains(manifest.id), "\(what): \(after.damages)")
        } catch {
            Issue.record("\(what): \(error)")
        }
    }

    @Test("a damaged configuration stops everything, and says so")
    func configuration() async throws {
        let scene = try await DamagedRepository()
        let intact = try #require(scene.test.store[ObjectLayout.configuration])
        for harmed in [[], Array(intact.dropLast(9)), Self.later(intact)] {
            scene.test.store[ObjectLayout.configuration] = harmed
            do {
                _ = try await scene.test.repository()
                Issue.record("it opened")
            } catch let error as EngineError {
                #expect([.corrupt, .unsupported].contains(error.kind))
                #expect(error.description.contains("config"), "\(error)")
            }
        }
    }
}

extension ObjectKey {
    /// The name without the number that leases of one session have.
    fileprivate var owner: Substring { text.hasPrefix(ObjectLayout.sessions) ? text.dropLast(9) : text[...] }
}
