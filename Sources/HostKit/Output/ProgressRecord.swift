import Engine

/// A progress event as one line of JSON; absent members are left out.
struct ProgressRecord: Encodable, Sendable {
    let event: String
    var vm: String?
    var disk: String?
    /// Bytes.
    var total: UInt64?
    var done: UInt64?
    var new: UInt64?
    var stored: UInt64?
    var isIncremental: Bool?
    var fallback: String?
    var text: String?

    init(_ source: ProgressEvent) {
        switch source {
        case .machineStarted(let vm): self.init("machineStarted", vm: vm)
        case .diskStarted(let work, let total, let isIncremental, let fallback):
            self.init("diskStarted", work)
            self.total = total
            self.isIncremental = isIncremental
            self.fallback = fallback
        case .diskAdvanced(let work, let done, let new, let stored):
            self.init("diskAdvanced", work)
            self.done = done
            self.new = new
            self.stored = stored
        case .diskFinished(let work): self.init("diskFinished", work)
        case .machineFinished(let vm, let result): self.init("machineFinished", vm: vm, text: result)
        case .machineFailed(let vm, let error): self.init("machineFailed", vm: vm, text: error.description)
        case .checkAdvanced(let done, let total):
            self.init("checkAdvanced")
            self.done = done
            self.total = total
        case .note(let vm, let text): self.init("note", vm: vm, text: text)
        case .warning(let vm, let text): self.init("warning", vm: vm, text: text)
        }
    }

    private init(_ event: String, vm: String? = nil, text: String? = nil) {
        self.event = event
        self.vm = vm
        self.text = text
    }

    private init(_ event: String, _ work: DiskWork) {
        self.init(event, vm: work.vm)
        disk = work.address.description
    }
}
