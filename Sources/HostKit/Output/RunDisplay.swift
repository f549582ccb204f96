import Engine
import Synchronization

/// Shows what a run does: live lines on a terminal, a line every few seconds elsewhere, or JSON events on stdout.
final class RunDisplay: Sendable {
    enum Style: Sendable {
        case terminal, lines, events
    }

    private let console: Console
    private let style: Style
    private let now: @Sendable () -> Double
    private let state: Mutex<State>

    private struct State {
        var disks: [DiskProgress] = []
        var isBackup = false
        var shown: [DiskWork: Double] = [:]
        var lastShown: Double
        var isEnded = false
    }

    init(on console: Console, style: Style, now: @escaping @Sendable () -> Double = { Stopwatch.now() }) {
        self.console = console
        self.style = style
        self.now = now
        state = Mutex(State(lastShown: style == .lines ? now() : -.infinity))
    }

    static func make(on console: Console, events: Bool) -> RunDisplay {
        RunDisplay(on: console, style: events ? .events : console.isTerminal ? .terminal : .lines)
    }

    var sink: ProgressSink { { event in self.show(event) } }

    /// Takes the live lines away; nothing is shown afterwards. Safe to call twice.
    func end() {
        state.withLock { state in
            if !state.isEnded, style == .terminal { console.show(live: []) }
            state.isEnded = true
        }
    }

    private func show(_ event: ProgressEvent) {
        state.withLock { state in
            guard !state.isEnded else { return }
            take(event, &state)
            if style == .events {
                showEvent(event, &state)
            } else {
                showWords(event, &state)
            }
        }
    }

    private func take(_ event: ProgressEvent, _ state: inout State) {
        switch event {
        case .diskStarted(let work, let total, _, _):
            state.disks.removeAll { $0.work == work }
            state.disks.append(DiskProgress(work: work, total: total, started: now()))
        case .diskAdvanced(let work, let done, let new, let stored):
            guard let position = state.disks.firstIndex(where: { $0.work == work }) else { return }
            state.disks[position].done = max(state.disks[position].done, done)
            state.disks[position].new = max(state.disks[position].new, new)
            state.disks[position].stored = max(state.disks[position].stored, stored)
            if new > 0 { state.isBackup = true }
        case .diskFinished(let work): state.disks.removeAll { $0.work == work }
        case .machineFinished(let vm, _), .machineFailed(let vm, _): state.disks.removeAll { $0.work.vm == vm }
        default: break
        }
    }

    // MARK: Words

    private static let secondsBetweenLines = 5.0
    private static let secondsBetweenDrawings = 0.1

    private func showWords(_ event: ProgressEvent, _ state: inout State) {
        if let line = ProgressWords.line(event) { console.note(line) }
        if case .checkAdvanced(let done, let total) = event {
            showCheck(done, total, &state)
        } else if style == .terminal {
            draw(&state)
        } else {
            showLines(&state)
        }
    }

    private func showLines(_ state: inout State) {
        let now = now()
        for disk in state.disks {
            guard now - state.shown[disk.work, default: disk.started] >= Self.secondsBetweenLines else { continue }
            state.shown[disk.work] = now
            console.note(disk.text(now: now, knowsNew: state.isBackup))
        }
    }

    private func showCheck(_ done: UInt64, _ total: UInt64, _ state: inout State) {
        let now = now()
        let pause = style == .terminal ? Self.secondsBetweenDrawings : Self.secondsBetweenLines
        guard now - state.lastShown >= pause else { return }
        state.lastShown = now
        let line = "checked \(ByteCount(done)) of \(ByteCount(total))"
        if style == .terminal { console.show(live: [line]) } else { console.note(line) }
    }

    private func draw(_ state: inout State) {
        let now = now()
        guard now - state.lastShown >= Self.secondsBetweenDrawings || state.disks.isEmpty else { return }
        state.lastShown = now
        console.show(live: state.disks.prefix(20).map { $0.text(now: now, knowsNew: state.isBackup) })
    }

    // MARK: Events

    private func showEvent(_ event: ProgressEvent, _ state: inout State) {
        if case .diskAdvanced(let work, _, _, _) = event {
            let now = now()
            guard now - state.shown[work, default: -.infinity] >= 1 else { return }
            state.shown[work] = now
        }
        if let line = try? JSONOutput.line(ProgressRecord(event)) { console.say(line) }
    }
}
