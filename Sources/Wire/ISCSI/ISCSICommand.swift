import CISCSI

/// A command under way. Belongs to the session's thread.
///
/// libiscsi may name a command's task until the response is processed and, for a write, until the last byte queued for
/// it has left; the task is therefore freed by the event loop, never in the callback.
final class ISCSICommand {
    let request: ISCSIRequest
    let reply: ISCSIMailbox.Reply
    let deadline: ContinuousClock.Instant
    private let finished: FinishedCommands
    private(set) var task: UnsafeMutablePointer<scsi_task>?
    /// Result of the latest attempt; nil while one is under way.
    private(set) var status: Int32?
    private(set) var repetitions = 0
    /// When the next attempt may start, for a command that waits.
    var notBefore: ContinuousClock.Instant?

    init(
        _ submission: ISCSIMailbox.Submission, deadline: ContinuousClock.Instant, _ finished: FinishedCommands
    ) {
        request = submission.request
        reply = submission.reply
        self.deadline = deadline
        self.finished = finished
    }

    deinit {
        if let task { scsi_free_scsi_task(task) }
    }

    /// Starts an attempt. Returns the task of the attempt before, which the loop frees when nothing names it any more.
    func start(on context: OpaquePointer) -> (isQueued: Bool, earlier: UnsafeMutablePointer<scsi_task>?) {
        let earlier = task
        if status != nil { repetitions += 1 }
        status = nil
        notBefore = nil
        task = request.start(context, Self.note, Unmanaged.passUnretained(self).toOpaque())
        return (task != nil, earlier)
    }

    private static let note: iscsi_command_cb = { _, status, _, state in
        guard let state else { return }
        let command = Unmanaged<ISCSICommand>.fromOpaque(state).takeUnretainedValue()
        guard command.status == nil else { return }
        command.status = status
        command.finished.list.append(command)
    }

    // MARK: Result of the latest attempt

    private var senseKey: Int32 { task.map { ciscsi_sense_key($0) } ?? 0 }
    private var senseCode: Int32 { task.map { ciscsi_sense_code($0) } ?? 0 }

    /// The target answered; the connection is sound.
    var isAnswered: Bool {
        switch status {
        case ciscsi_status_good, ciscsi_status_check_condition, ciscsi_status_condition_met, ciscsi_status_busy,
            ciscsi_status_task_set_full, ciscsi_status_task_aborted, Int32(SCSI_STATUS_RESERVATION_CONFLICT.rawValue):
            true
        default: false
        }
    }

    /// How long to wait before another attempt, or nil if another makes no sense.
    var pauseBeforeRepetition: Duration? {
        guard repetitions < 40 else { return nil }
        switch status {
        case ciscsi_status_busy, ciscsi_status_task_set_full:
            return .milliseconds(10 << min(repetitions, 6))
        case ciscsi_status_task_aborted:
            return .milliseconds(20)
        case ciscsi_status_check_condition where senseKey == Int32(SCSI_SENSE_UNIT_ATTENTION.rawValue):
            return .zero
        case ciscsi_status_check_condition
        where senseKey == Int32(SCSI_SENSE_NOT_READY.rawValue) && senseCode == 0x0401:
            return .milliseconds(200)
        default:
            return nil
        }
    }

    /// What the caller gets for an answered attempt that is not repeated.
    func result(at place: String) -> Result<[UInt8], WireError> {
        guard let task, status == ciscsi_status_good || status == ciscsi_status_condition_met else {
            return .failure(WireError(.refusedByDevice, "\(place) refused \(request.name): \(refusal)"))
        }
        if request.isExact {
            let missing = ciscsi_missing(task)
            guard missing == 0 else {
                return .failure(
                    WireError(.refusedByDevice, "\(place) moved \(missing) bytes too few in \(request.name)"))
            }
            return .success([])
        }
        let count = Int(task.pointee.datain.size)
        guard count > 0, let bytes = task.pointee.datain.data else { return .success([]) }
        return .success(Array(UnsafeBufferPointer(start: bytes, count: count)))
    }

    private var refusal: String {
        guard status == ciscsi_status_check_condition else { return "SCSI status \(status ?? -1)" }
        let key = SCSIWords.senseKey(senseKey)
        let code = String(senseCode, radix: 16)
        return "\(key), additional sense code 0x\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)"
    }
}

/// Commands whose attempt has ended since the loop last looked.
final class FinishedCommands {
    var list: [ISCSICommand] = []

    func take() -> [ISCSICommand] {
        defer { list.removeAll(keepingCapacity: true) }
        return list
    }
}

/// SCSI's own names.
enum SCSIWords {
    static func senseKey(_ key: Int32) -> String {
        let names = [
            "no sense", "recovered error", "not ready", "medium error", "hardware error", "illegal request",
            "unit attention", "data protect", "blank check", "vendor specific", "copy aborted", "aborted command",
            "reserved", "volume overflow", "miscompare", "completed",
        ]
        return names.indices.contains(Int(key)) ? names[Int(key)] : "sense key \(key)"
    }
}
