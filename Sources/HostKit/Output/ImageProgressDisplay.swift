import Engine
import Synchronization

/// Shows how far work on one image is: a live line on a terminal, a line every few seconds elsewhere.
final class ImageProgressDisplay: Sendable {
    private let name: String
    private let size: UInt64
    private let console: Console
    private let started = Stopwatch.now()
    private let state: Mutex<State>

    private struct State {
        var shown: Double
        var isEnded = false
    }

    init(of name: String, size: UInt64, on console: Console) {
        self.name = name
        self.size = size
        self.console = console
        state = Mutex(State(shown: Stopwatch.now()))
    }

    var progress: ImageProgress { { done in self.show(done) } }

    /// Takes the live line away. Safe to call twice.
    func end() {
        state.withLock { state in
            if !state.isEnded, console.isTerminal { console.show(live: []) }
            state.isEnded = true
        }
    }

    /// `in 3.1 s, 412 MiB/s`
    var summary: String {
        let seconds = Stopwatch.now() - started
        return "in \(Duration.seconds(seconds).words), \(ByteCount.rate(size, in: seconds))"
    }

    private func show(_ done: UInt64) {
        let now = Stopwatch.now()
        let pause = console.isTerminal ? 0.1 : 5
        state.withLock { state in
            guard !state.isEnded, now - state.shown >= pause else { return }
            state.shown = now
            let percent = size == 0 ? 100 : Int(Double(done) / Double(size) * 100)
            let line =
                "\(name)  \(percent) %  \(ByteCount(done)) of \(ByteCount(size))  "
                + ByteCount.rate(done, in: now - started)
            if console.isTerminal { console.show(live: [line]) } else { console.note(line) }
        }
    }
}
