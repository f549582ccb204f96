/// What a fault does to the task that a call starts.
package enum TaskFault: String, CaseIterable, Sendable {
    /// Nothing is done, the task fails.
    case fail
    /// The work is done and stays, yet the task fails.
    case failLeaving = "fail-leaving"
    /// The work is done, but the task runs for ever.
    case neverEnds = "never-ends"
    /// The list of entities fills some polls after the end.
    case lateEntities = "late-entities"
}

/// One disturbance, as data.
///
/// It either hits calls of an operation (`operation` is set) or, when `event` is set, something that is no call.
package struct Fault: Sendable {
    package enum Body: String, CaseIterable, Sendable { case message, schema, empty, html }

    package enum Event: String, CaseIterable, Sendable {
        /// Every session and token is invalid from now on.
        case expireSessions = "expire-sessions"
        /// iSCSI sessions are cut once this many bytes have passed.
        case cutISCSI = "cut-iscsi"
        /// iSCSI connections are refused for `seconds`.
        case refuseISCSI = "refuse-iscsi"
        /// iSCSI discovery finds nothing for `seconds`.
        case emptyDiscovery = "empty-discovery"
        /// Every iSCSI read waits that long.
        case slowISCSI = "slow-iscsi"
        /// Recovery points of the named VM are gone (all VMs when no name is given).
        case loseRecoveryPoints = "lose-recovery-points"
        /// The data services IP is unset from now on.
        case unsetDataServices = "unset-data-services"
        /// Application-consistent requests end crash-consistent, with a warning.
        case degradeConsistency = "degrade-consistency"
        /// `nextOffset` does not advance.
        case stuckOffset = "stuck-offset"
        /// A region reaches beyond the end of the disk.
        case regionBeyondEnd = "region-beyond-end"
    }

    /// Name of the operation, `*` for all; empty for an event.
    package var operation = ""
    /// Which calls are hit, counted from 1 since the fault was set.
    package var first = 1
    package var last = Int.max
    /// The HTTP status to answer; nil leaves the call alone.
    package var status: Int?
    package var body: Body = .message
    package var code = "%-50000"
    package var group = "INTERNAL_ERROR"
    package var message = "The simulated fault that was asked for."
    /// The operation is done, but its answer is replaced by the error.
    package var after = false
    /// The call waits that long before anything else.
    package var seconds = 0.0
    package var task: TaskFault?

    package var event: Event?
    /// For `cut-iscsi`: bytes until the cut.
    package var bytes = 0
    /// For `lose-recovery-points` and `unset-data-services`: the name of the VM or cluster.
    package var name: String?

    /// Calls of the operation since the fault was set.
    var seen = 0

    package init() {}

    /// A fault of one operation.
    package init(operation: String, first: Int = 1, last: Int = .max, status: Int? = nil, task: TaskFault? = nil) {
        self.operation = operation
        self.first = first
        self.last = last
        self.status = status
        self.task = task
    }

    /// A fault that is no call.
    package init(event: Event, bytes: Int = 0, seconds: Double = 0, name: String? = nil) {
        self.event = event
        self.bytes = bytes
        self.seconds = seconds
        self.name = name
    }

    static func read(_ reader: inout LabReader) throws(LabError) -> Fault {
        var fault = Fault()
        fault.operation = try reader.text("operation", or: "")
        fault.first = try reader.int("from", or: 1)
        fault.last = try reader.int("to", or: .max)
        if let call = try reader.int("call") { (fault.first, fault.last) = (call, call) }
        fault.status = try reader.int("status")
        fault.body = try reader.choice("body", or: .message)
        fault.code = try reader.text("code", or: fault.code)
        fault.group = try reader.text("group", or: fault.group)
        fault.message = try reader.text("message", or: fault.message)
        fault.after = try reader.bool("after", or: false)
        fault.seconds = try reader.double("seconds", or: 0)
        if reader.value("task") != nil { fault.task = try reader.choice("task", or: .fail) }
        if reader.value("event") != nil { fault.event = try reader.choice("event", or: .expireSessions) }
        fault.bytes = try reader.bytes("bytes") ?? 0
        fault.name = try reader.text("name")
        if fault.operation.isEmpty == (fault.event == nil) {
            throw reader.error("operation", "either an operation or an event is needed")
        }
        if let status = fault.status, !(400...599).contains(status) {
            throw reader.error("status", "must be from 400 to 599")
        }
        return fault
    }

    /// Reads one fault, as the admin path takes it.
    ///
    /// - Throws: `LabError` that names the member at fault.
    static func read(_ value: JSONValue) throws(LabError) -> Fault {
        var reader = try LabReader(value, at: "fault")
        let fault = try read(&reader)
        try reader.finish()
        return fault
    }
}
