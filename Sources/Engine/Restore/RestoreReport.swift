/// What a restore made and how long it took.
package struct RestoreReport: Sendable {
    package let outcome: RestoreOutcome
    /// Bytes written to the cluster; zeros are not written.
    package let written: UInt64
    /// Bytes of all disks as the guest sees them.
    package let size: UInt64
    /// Wall time in seconds.
    package let seconds: Double
}
