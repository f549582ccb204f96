/// Receives what a run does, from several tasks at once. Must return quickly.
package typealias ProgressSink = @Sendable (ProgressEvent) -> Void

/// Something that happened in a run.
package enum ProgressEvent: Sendable {
    /// A VM is being worked on.
    case machineStarted(vm: String)
    /// `total` bytes of a disk are to be looked at; nil `fallback` and not incremental is a first full.
    case diskStarted(DiskWork, total: UInt64, isIncremental: Bool, fallback: String?)
    /// So far, in bytes.
    case diskAdvanced(DiskWork, done: UInt64, new: UInt64, stored: UInt64)
    case diskFinished(DiskWork)
    /// A restore point was committed, or a VM restored.
    case machineFinished(vm: String, result: String)
    case machineFailed(vm: String, error: EngineError)
    /// Bytes of packs read by a check.
    case checkAdvanced(done: UInt64, total: UInt64)
    case note(vm: String?, String)
    case warning(vm: String?, String)
}

/// A disk of a VM in a run.
package struct DiskWork: Sendable, Hashable {
    package let vm: String
    package let address: DiskAddress

    package init(vm: String, address: DiskAddress) {
        self.vm = vm
        self.address = address
    }
}
