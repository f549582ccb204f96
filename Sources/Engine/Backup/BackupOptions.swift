/// How a backup runs: what bounds its memory and its load on the source.
package struct BackupOptions: Sendable {
    /// Leaves of 4 MiB in work at once, over all disks. Each needs 4 MiB of memory.
    package var lanes = 5
    /// VMs at once.
    package var machines = 2
    /// Bytes of a data pack; at most three are in memory.
    package var packSize = 16 << 20
    /// Whether packs get parity, so that damage can be repaired.
    package var hasParity = false
    /// Reads everything, as if there were no earlier restore point.
    package var isFull = false
    package var consistency = Consistency.crash
    /// The job as configured, kept in the manifest; nil for a backup by hand.
    package var job: JSONValue?
    /// The time that restore points get.
    package var now: @Sendable () -> Timestamp = { .now() }

    package init() {}
}
