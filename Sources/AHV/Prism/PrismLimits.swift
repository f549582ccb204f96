/// How long and how often the client tries.
struct PrismLimits: Sendable {
    /// For connection and handshake.
    var connect: Duration = .seconds(15)
    /// For one reply.
    var reply: Duration = .seconds(90)
    /// For one task of Prism.
    var task: Duration = .seconds(1800)
    /// VM lists in a second: Prism Central serves fewer of them than of other calls.
    var machineListsPerSecond = 2
    /// Repetitions of one call that Prism or the network could not take.
    var repetitions = 8
    /// The first pause between repetitions; each next one is twice as long.
    var firstPause: Duration = .milliseconds(500)
    var longestPause: Duration = .seconds(30)

    /// The pause before repetition `number` (from 0), between half and all of the full length.
    func pause(_ number: Int) -> Duration {
        let full = min(firstPause * (1 << min(number, 10)), longestPause)
        return full * Double.random(in: 0.5...1)
    }
}
