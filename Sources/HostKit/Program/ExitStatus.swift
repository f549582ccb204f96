import Engine

/// How the program ended, as its exit code says it.
enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    /// The command line or the configuration is wrong; nothing was tried.
    case wrongUsage = 2
    /// Finished, but some VMs or disks failed or are less than what was asked.
    case incomplete = 3
    case interrupted = 130

    init(_ error: EngineError) {
        self =
            switch error.kind {
            case .configuration: .wrongUsage
            case .cancelled: .interrupted
            default: .failed
            }
    }
}
