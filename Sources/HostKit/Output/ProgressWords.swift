import Engine

/// The lines that stay on the screen while a run goes on.
enum ProgressWords {
    /// Nil for what only moves a live line.
    static func line(_ event: ProgressEvent) -> String? {
        switch event {
        case .machineStarted(let vm): "\(vm): started"
        case .diskStarted(let work, let total, let isIncremental, let fallback):
            "\(work.vm) \(work.address): \(ByteCount(total)) to go through"
                + (isIncremental ? ", incremental" : fallback.map { ", in full: \($0)" } ?? "")
        case .diskAdvanced, .checkAdvanced: nil
        case .diskFinished(let work): "\(work.vm) \(work.address): done"
        case .machineFinished(let vm, let result): "\(vm): \(result)"
        case .machineFailed(let vm, let error): "\(vm): failed: \(error)"
        case .note(let vm, let text): vm.map { "\($0): \(text)" } ?? text
        case .warning(let vm, let text): "warning: " + (vm.map { "\($0): \(text)" } ?? text)
        }
    }
}
