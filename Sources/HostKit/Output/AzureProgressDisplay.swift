import Azure
import Engine
import Synchronization

/// Shows an export to Azure as other runs are shown.
final class AzureProgressDisplay: Sendable {
    private let display: RunDisplay
    private let vm: String
    private let addresses: [String: DiskAddress]
    /// What has begun: disks that are uploaded, or compared.
    private let begun = Mutex<Set<String>>([])

    init(_ display: RunDisplay, vm: String, _ disks: [DiskAddress]) {
        self.display = display
        self.vm = vm
        addresses = Dictionary(disks.map { ("\($0)", $0) }, uniquingKeysWith: { first, _ in first })
    }

    var sink: AzureProgressSink { { event in self.show(event) } }

    private func show(_ event: AzureProgress) {
        switch event {
        case .step(let text): display.sink(.note(vm: vm, text))
        case .disk(let label, let done, let total, let sent): advance(label, "upload", done, total, sent)
        case .verifying(let label, let done, let total): advance(label, "compare", done, total, 0)
        }
    }

    private func advance(_ label: String, _ what: String, _ done: UInt64, _ total: UInt64, _ sent: UInt64) {
        guard let address = addresses[label] else { return }
        let work = DiskWork(vm: vm, address: address)
        let isFirst = begun.withLock { $0.insert("\(label) \(what)").inserted }
        if isFirst { display.sink(.diskStarted(work, total: total, isIncremental: false, fallback: nil)) }
        display.sink(.diskAdvanced(work, done: done, new: 0, stored: sent))
        if done >= total { display.sink(.diskFinished(work)) }
    }
}
