import Glibc

/// How long leases last. The numbers leave room for each other: a session that cannot renew its lease stops by itself
/// long before others take it for dead.
package struct SessionTiming: Sendable {
    /// Seconds between renewals.
    package var renewal = 300.0
    /// Seconds without a renewal after which a session stops before it publishes anything.
    package var patience = 900.0
    /// Seconds, by the clock of the target, after which others take a lease for dead.
    package var expiry = 1800.0
    /// Seconds that a lease's old object stays beside the new one; longer than a listing takes.
    package var overlap = 15.0

    package init() {}

    /// Seconds on a clock that never goes back and goes on while the machine sleeps.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
