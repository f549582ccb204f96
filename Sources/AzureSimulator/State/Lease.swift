/// The lease of a blob.
struct Lease: Sendable {
    enum State: String, Sendable { case available, leased, expired, breaking, broken }

    var id = ""
    /// Seconds; nil is for ever.
    var duration: Double?
    /// When the lease, or the breaking of it, ends; nil is never.
    private var end: Instant?
    private var isBreaking = false

    func state(_ now: Instant) -> State {
        if id.isEmpty { return .available }
        if let end, end <= now { return isBreaking ? .broken : .expired }
        return isBreaking ? .breaking : .leased
    }

    /// Whether writers must show the lease's id.
    func isActive(_ now: Instant) -> Bool { [.leased, .breaking].contains(state(now)) }

    /// - Throws: 412, when a write does not show the id it must.
    func check(_ sent: String?, writing: Bool, _ now: Instant) throws(AzureError) {
        guard let sent else {
            if writing && isActive(now) {
                throw AzureError(
                    412, "LeaseIdMissing",
                    "There is currently a lease on the blob and no lease ID was specified in the request.")
            }
            return
        }
        if isActive(now) {
            guard sent.lowercased() == id else {
                throw AzureError(
                    412, "LeaseIdMismatchWithBlobOperation",
                    "The lease ID specified did not match the lease ID for the blob.")
            }
        } else if sent.lowercased() == id {
            throw AzureError(
                412, "LeaseLost", "A lease ID was specified, but the lease for the blob has expired.")
        } else {
            throw AzureError(
                412, "LeaseNotPresentWithBlobOperation", "There is currently no lease on the blob.")
        }
    }

    mutating func acquire(_ proposed: String, duration: Double?, _ now: Instant) throws(AzureError) {
        switch state(now) {
        case .leased where id != proposed:
            throw AzureError(409, "LeaseAlreadyPresent", "There is already a lease present.")
        case .breaking:
            throw AzureError(
                409, "LeaseIsBreakingAndCannotBeAcquired",
                "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken."
            )
        default: break
        }
        id = proposed
        self.duration = duration
        end = duration.map { now.adding($0) }
        isBreaking = false
    }

    mutating func renew(_ sent: String, _ now: Instant) throws(AzureError) {
        guard sent == id else { throw Self.mismatch }
        guard !isBreaking else {
            throw AzureError(
                409, "LeaseIsBrokenAndCannotBeRenewed",
                "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.")
        }
        end = duration.map { now.adding($0) }
    }

    mutating func change(_ sent: String, to proposed: String, _ now: Instant) throws(AzureError) {
        switch state(now) {
        case .available, .expired, .broken: throw Self.notPresent
        case .breaking:
            throw AzureError(
                409, "LeaseIsBreakingAndCannotBeChanged",
                "The lease ID matched, but the lease is currently in breaking state and cannot be changed.")
        case .leased:
            guard sent == id || proposed == id else { throw Self.mismatch }
            id = proposed
        }
    }

    mutating func release(_ sent: String) throws(AzureError) {
        guard sent == id else { throw Self.mismatch }
        self = Lease()
    }

    /// - Parameter period: seconds until it is broken; nil lets it run out.
    /// - Returns: seconds until it is broken.
    mutating func breakUp(after period: Double?, _ now: Instant) throws(AzureError) -> Int {
        let state = state(now)
        guard state != .available else { throw Self.notPresent }
        guard state == .leased || state == .breaking else {
            isBreaking = true
            end = now
            return 0
        }
        let rest = end.map { max(0, $0.seconds - now.seconds) }
        let wait = min(period ?? rest ?? 0, rest ?? period ?? 0)
        isBreaking = true
        end = now.adding(wait)
        return Int(wait.rounded(.up))
    }

    private static let mismatch = AzureError(
        409, "LeaseIdMismatchWithLeaseOperation",
        "The lease ID specified did not match the lease ID for the blob.")
    private static let notPresent = AzureError(
        409, "LeaseNotPresentWithLeaseOperation", "There is currently no lease on the blob.")
}
