import Engine

/// How far the work on one disk is.
struct DiskProgress: Sendable, Equatable {
    let work: DiskWork
    /// Bytes to look at.
    let total: UInt64
    /// Seconds on the display's clock.
    let started: Double
    var done: UInt64 = 0
    var new: UInt64 = 0
    var stored: UInt64 = 0

    init(work: DiskWork, total: UInt64, started: Double) {
        self.work = work
        self.total = total
        self.started = started
    }

    /// From 0 to 100.
    var percent: Int {
        guard total > 0 else { return 100 }
        return min(100, Int(Double(done) / Double(total) * 100))
    }

    /// `web-01 scsi.0  42 %  3.1 GiB of 7.4 GiB  212 MiB/s  31 % new  21 s left`
    func text(now: Double, knowsNew: Bool) -> String {
        let seconds = now - started
        var parts = [
            "\(work.vm) \(work.address)", "\(percent) %", "\(ByteCount(done)) of \(ByteCount(total))",
            ByteCount.rate(done, in: seconds),
        ]
        if knowsNew, done > 0 { parts.append("\(min(100, Int(Double(new) / Double(done) * 100))) % new") }
        if let left = secondsLeft(now: now) { parts.append("\(Duration.seconds(left).words) left") }
        return parts.joined(separator: "  ")
    }

    /// Nil as long as nobody can tell.
    func secondsLeft(now: Double) -> Double? {
        let seconds = now - started
        guard done > 0, seconds > 0.5, total > done else { return nil }
        return Double(total - done) / (Double(done) / seconds)
    }
}
