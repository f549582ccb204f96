import Glibc
import Testing

@testable import Engine

@Suite("The memory of checks")
struct CheckMemoryTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func packs(_ count: Int) -> [ListedPack] {
        (0..<count).map { number in
            ListedPack(id: PackID(words: (UInt64(number), 1)), kind: .data, size: 100, modified: now)
        }
    }

    @Test("what was never checked comes first, then what was checked longest ago")
    func order() {
        let packs = packs(10)
        var memory = CheckMemory()
        for number in 0..<9 { memory.record(packs[number].id, at: now.adding(seconds: Int64(-100 + number))) }
        #expect(memory.choose(10, of: packs, now: now).map(\.id) == [packs[9].id])
        #expect(memory.choose(30, of: packs, now: now).map(\.id) == [packs[0].id, packs[1].id, packs[9].id])
        #expect(memory.choose(100, of: packs, now: now).count == 10)
        #expect(memory.choose(0.001, of: packs, now: now).count == 1)
    }

    @Test("five percent a time have read everything after twenty times")
    func rounds() {
        let packs = packs(200)
        var memory = CheckMemory()
        for round in 0..<20 {
            let time = now.adding(seconds: Int64(round))
            for pack in memory.choose(5, of: packs, now: time) { memory.record(pack.id, at: time) }
        }
        #expect(packs.allSatisfy { memory.time(of: $0.id, now: now.adding(seconds: 30)) != nil })
    }

    @Test("a check in the future, from before the clock was set right, counts as none")
    func future() {
        let packs = packs(2)
        var memory = CheckMemory()
        memory.record(packs[0].id, at: now.adding(seconds: 86_400))
        memory.record(packs[1].id, at: now)
        #expect(memory.choose(50, of: packs, now: now).map(\.id) == [packs[0].id])
        #expect(memory.recency(of: packs, now: now)[0].share == 0.5)
    }

    @Test("it says how much was read within some days")
    func recency() {
        let packs = packs(4)
        var memory = CheckMemory()
        memory.record(packs[0].id, at: now.adding(seconds: -3600))
        memory.record(packs[1].id, at: now.adding(seconds: -20 * 86_400))
        memory.record(packs[2].id, at: now.adding(seconds: -60 * 86_400))
        #expect(memory.recency(of: packs, now: now).map(\.share) == [0.25, 0.5, 0.75])
    }

    @Test("it survives in its file; a damaged or lost file only loses it")
    func file() throws {
        let folder = ScratchFolder()
        #expect(mkdir(folder.path, 0o700) == 0)
        let packs = packs(3)
        let path = folder.path + "/checked"
        var memory = CheckMemory(path: path)
        for pack in packs { memory.record(pack.id, at: now) }
        memory.keep(only: [packs[0].id, packs[1].id])
        try memory.save()
        let read = CheckMemory(path: path)
        #expect(read.time(of: packs[1].id, now: now) == now)
        #expect(read.time(of: packs[2].id, now: now) == nil)
        let file = try OpenFile(path, 2)
        let byte: [UInt8] = [0xFF]
        try file.write(byte.span.bytes, at: 20)
        #expect(CheckMemory(path: path).time(of: packs[1].id, now: now) == nil)
        #expect(CheckMemory(path: path + "-absent").time(of: packs[1].id, now: now) == nil)
        #expect(folder.files == [path])
    }
}
