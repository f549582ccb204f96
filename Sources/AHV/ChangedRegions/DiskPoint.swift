import Engine

/// One disk in one recovery point, by the three ids that Prism asks for.
struct DiskPoint: Sendable, Equatable {
    let recoveryPoint: String
    let machinePoint: String
    let diskPoint: String

    /// As the discover call wants it.
    var reference: JSONValue {
        .typed(
            "dataprotection.v4.content.VmDiskRecoveryPointReference",
            [
                "recoveryPointExtId": .string(recoveryPoint), "vmRecoveryPointExtId": .string(machinePoint),
                "diskRecoveryPointExtId": .string(diskPoint),
            ])
    }

    /// The path of the computation behind the base path of the token.
    var path: String {
        "/recovery-points/\(PrismCall.segment(recoveryPoint))/vm-recovery-points/\(PrismCall.segment(machinePoint))"
            + "/disk-recovery-points/\(PrismCall.segment(diskPoint))/$actions/compute-changed-regions"
    }
}
