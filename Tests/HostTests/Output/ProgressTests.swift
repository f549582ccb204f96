import Engine
import Synchronization
import Testing

@testable import HostKit

@Suite("Progress")
struct ProgressTests {
    static let work = DiskWork(vm: "web", address: DiskAddress(bus: "scsi", index: 0))

    /// A clock that a test sets.
    final class HandClock: Sendable {
        private let time = Mutex(0.0)
        var now: Double { time.withLock { $0 } }
        func set(_ seconds: Double) { time.withLock { $0 = seconds } }
    }

    static func display(_ console: CapturedConsole, _ style: RunDisplay.Style, _ clock: HandClock) -> RunDisplay {
        RunDisplay(on: console.console, style: style) { clock.now }
    }

    @Test("a disk's line has share, bytes, rate, dedup and time left")
    func line() {
        var progress = DiskProgress(work: Self.work, total: 4 << 30, started: 10)
        progress.done = 1 << 30
        progress.new = 256 << 20
        #expect(
            progress.text(now: 20, knowsNew: true)
                == "web scsi.0  25 %  1.0 GiB of 4.0 GiB  102 MiB/s  25 % new  30 s left")
        #expect(!progress.text(now: 20, knowsNew: false).contains("new"))
    }

    @Test("nothing is promised before there is something to tell from")
    func start() {
        var progress = DiskProgress(work: Self.work, total: 100, started: 0)
        #expect(progress.secondsLeft(now: 5) == nil)
        progress.done = 50
        #expect(progress.secondsLeft(now: 0.1) == nil)
        #expect(progress.secondsLeft(now: 5) == 5)
        progress.done = 100
        #expect(progress.secondsLeft(now: 5) == nil)
        #expect(DiskProgress(work: Self.work, total: 0, started: 0).percent == 100)
    }

    @Test("without a terminal there is a line every few seconds, not one an event")
    func lines() {
        let console = CapturedConsole()
        let clock = HandClock()
        let display = Self.display(console, .lines, clock)
        display.sink(.diskStarted(Self.work, total: 1000, isIncremental: true, fallback: nil))
        for step in 1...1000 {
            clock.set(Double(step) / 100)
            display.sink(.diskAdvanced(Self.work, done: UInt64(step), new: 1, stored: 1))
        }
        display.sink(.diskFinished(Self.work))
        display.end()
        let lines = console.errors.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first == "web scsi.0: 1000 B to go through, incremental")
        #expect(lines[1].hasPrefix("web scsi.0  50 %  500 B of 1000 B"))
        #expect(lines.last == "web scsi.0: done")
        #expect(console.output == "")
    }

    @Test("a terminal's live lines are taken away at the end")
    func terminal() {
        let console = CapturedConsole(isTerminal: true, width: 60)
        let clock = HandClock()
        let display = Self.display(console, .terminal, clock)
        display.sink(.diskStarted(Self.work, total: 1000, isIncremental: false, fallback: "the disk is new"))
        clock.set(1)
        display.sink(.diskAdvanced(Self.work, done: 500, new: 500, stored: 200))
        display.end()
        display.sink(.note(vm: nil, "too late"))
        #expect(console.errors.contains("in full: the disk is new\n"))
        #expect(console.errors.contains("web scsi.0  50 %"))
        #expect(console.errors.hasSuffix("\u{1B}[1A\u{1B}[J"))
        #expect(!console.errors.contains("too late"))
    }

    @Test("events are one JSON object a line on stdout")
    func events() {
        let console = CapturedConsole()
        let clock = HandClock()
        let display = Self.display(console, .events, clock)
        display.sink(.machineStarted(vm: "web"))
        display.sink(.diskAdvanced(Self.work, done: 5, new: 4, stored: 3))
        display.sink(.diskAdvanced(Self.work, done: 6, new: 4, stored: 3))
        clock.set(2)
        display.sink(.diskAdvanced(Self.work, done: 7, new: 4, stored: 3))
        #expect(
            console.output == """
                {"event":"machineStarted","vm":"web"}
                {"disk":"scsi.0","done":5,"event":"diskAdvanced","new":4,"stored":3,"vm":"web"}
                {"disk":"scsi.0","done":7,"event":"diskAdvanced","new":4,"stored":3,"vm":"web"}

                """)
        #expect(console.errors == "")
    }

    @Test("a name cannot steer the terminal")
    func hostile() {
        let console = CapturedConsole()
        let display = Self.display(console, .lines, HandClock())
        display.sink(.machineStarted(vm: "a\u{1B}[2Jb\u{202E}c"))
        #expect(console.errors == "a?[2Jb?c: started\n")
    }

    @Test(
        "durations are written as people read them",
        arguments: [(0.04, "0.0 s"), (9.94, "9.9 s"), (59, "59 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")])
    func durations(seconds: Double, words: String) {
        #expect(Duration.seconds(seconds).words == words)
    }
}
