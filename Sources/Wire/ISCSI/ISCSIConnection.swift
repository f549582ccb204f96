import CISCSI
import Glibc

/// One libiscsi context: a TCP connection to a portal and the login on it. Belongs to the thread that made it.
final class ISCSIConnection {
    let context: OpaquePointer
    let endpoint: ISCSIEndpoint
    /// The portal that this connection goes to: the endpoint's own, or the one it redirected to.
    private let portal: ISCSIPortal
    private let mailbox: ISCSIMailbox
    private let outcome = Outcome()
    private let descriptors = UnsafeMutableBufferPointer<pollfd>.allocate(capacity: 2)

    /// Status of the step under way, set by libiscsi's callback.
    private final class Outcome {
        var status: Int32?
        var targets: [String] = []
    }

    enum Purpose { case discovery, commands }

    private init(
        _ endpoint: ISCSIEndpoint, at portal: ISCSIPortal, for purpose: Purpose, _ mailbox: ISCSIMailbox
    ) throws(WireError) {
        guard let context = iscsi_create_context(endpoint.initiator) else {
            throw WireError(.configuration, "the initiator name '\(endpoint.initiator)' is not accepted by libiscsi")
        }
        self.context = context
        self.endpoint = endpoint
        self.portal = portal
        self.mailbox = mailbox
        iscsi_set_noautoreconnect(context, 1)
        iscsi_set_reconnect_max_retries(context, 0)
        iscsi_set_header_digest(context, ISCSI_HEADER_DIGEST_NONE)
        iscsi_set_session_type(context, purpose == .discovery ? ISCSI_SESSION_DISCOVERY : ISCSI_SESSION_NORMAL)
        iscsi_set_timeout(context, Int32(clamping: endpoint.limits.command.components.seconds + 2))
        if purpose == .commands { iscsi_set_targetname(context, endpoint.target) }
        if let credentials = endpoint.credentials {
            iscsi_set_initiator_username_pwd(context, credentials.initiator.name, credentials.initiator.secret)
            if let target = credentials.target {
                iscsi_set_target_username_pwd(context, target.name, target.secret)
            }
        }
    }

    deinit {
        iscsi_destroy_context(context)
        descriptors.deallocate()
    }

    // MARK: Steps

    /// Connects and logs in, following one redirect after another up to three.
    /// - Throws: `unreachable`, `timedOut`, `denied`, `notFound`, `protocolViolation`, `closed`, `connectionLost`.
    static func open(
        _ endpoint: ISCSIEndpoint, for purpose: Purpose, _ mailbox: ISCSIMailbox
    ) throws(WireError) -> ISCSIConnection {
        let deadline = ContinuousClock.now + endpoint.limits.login
        var portal = endpoint.portal
        for _ in 0...3 {
            let connection = try ISCSIConnection(endpoint, at: portal, for: purpose, mailbox)
            guard let next = try connection.logIn(by: deadline) else { return connection }
            portal = next
        }
        throw WireError(.protocolViolation, "the iSCSI portal \(endpoint.portal) redirects without end")
    }

    /// Logs in. Returns the portal to go to instead, if the target says it moved.
    private func logIn(by deadline: ContinuousClock.Instant) throws(WireError) -> ISCSIPortal? {
        let state = Unmanaged.passUnretained(outcome).toOpaque()
        guard iscsi_connect_async(context, portal.description, Self.note, state) == 0 else {
            throw WireError(.unreachable, "\(place): \(libraryError)")
        }
        try finishStep("connect", by: deadline)
        guard outcome.status == ciscsi_status_good else {
            throw WireError(.unreachable, "\(place) cannot be reached: \(libraryError)")
        }
        try begin(iscsi_login_async(context, Self.note, state), "log in")
        try finishStep("log in", by: deadline)
        if outcome.status == ciscsi_status_redirect {
            let address = String(cString: iscsi_get_target_address(context))
            guard let portal = ISCSIPortal(targetAddress: address, defaultPort: endpoint.portal.port) else {
                throw WireError(.protocolViolation, "\(place) redirects to '\(address)', which is no address")
            }
            return portal
        }
        guard outcome.status == ciscsi_status_good else { throw loginError }
        return nil
    }

    /// The names of the targets that this initiator may see, by SendTargets.
    func discover(by deadline: ContinuousClock.Instant) throws(WireError) -> [String] {
        let state = Unmanaged.passUnretained(outcome).toOpaque()
        try begin(iscsi_discovery_async(context, Self.noteTargets, state), "list targets")
        try finishStep("list targets", by: deadline)
        guard outcome.status == ciscsi_status_good else {
            throw WireError(.protocolViolation, "\(place) did not list its targets: \(libraryError)")
        }
        return outcome.targets.reversed()
    }

    /// Says good-bye, as far as the target listens.
    func logOut() {
        let state = Unmanaged.passUnretained(outcome).toOpaque()
        outcome.status = nil
        guard iscsi_logout_async(context, Self.note, state) == 0 else { return }
        let deadline = ContinuousClock.now + endpoint.limits.logout
        while outcome.status == nil, ContinuousClock.now < deadline {
            guard service(waiting: deadline - .now) else { return }
        }
    }

    private func begin(_ code: Int32, _ step: String) throws(WireError) {
        outcome.status = nil
        guard code == 0 else { throw WireError(.connectionLost, "\(place): could not \(step): \(libraryError)") }
    }

    private func finishStep(_ step: String, by deadline: ContinuousClock.Instant) throws(WireError) {
        while outcome.status == nil {
            if mailbox.isClosing { throw WireError(.closed, "the session with \(place) was closed before it began") }
            let now = ContinuousClock.now
            guard now < deadline else {
                throw WireError(
                    .timedOut, "\(place) did not answer in time (\(step)): is the address the data service?")
            }
            guard service(waiting: deadline - now) || outcome.status != nil else {
                throw WireError(.connectionLost, "\(place) cut the connection (\(step)): \(libraryError)")
            }
        }
    }

    private static let note: iscsi_command_cb = { _, status, _, state in
        guard let state else { return }
        Unmanaged<Outcome>.fromOpaque(state).takeUnretainedValue().status = status
    }

    private static let noteTargets: iscsi_command_cb = { _, status, data, state in
        guard let state else { return }
        let outcome = Unmanaged<Outcome>.fromOpaque(state).takeUnretainedValue()
        outcome.status = status
        guard status == ciscsi_status_good else { return }
        var next = data?.assumingMemoryBound(to: iscsi_discovery_address.self)
        while let target = next {
            if let name = target.pointee.target_name { outcome.targets.append(String(cString: name)) }
            next = target.pointee.next
        }
    }

    // MARK: Events

    /// Waits for the socket or the mailbox's bell, at most `limit`, and lets libiscsi work.
    /// - Returns: false once the connection is lost.
    func service(waiting limit: Duration) -> Bool {
        descriptors[0] = pollfd(fd: iscsi_get_fd(context), events: Int16(iscsi_which_events(context)), revents: 0)
        descriptors[1] = pollfd(fd: mailbox.bell, events: Int16(POLLIN), revents: 0)
        let wait = Int32(clamping: min(limit.milliseconds, 1000))
        let ready = poll(descriptors.baseAddress, 2, wait)
        if ready < 0 { return errno == EINTR }
        if descriptors[1].revents != 0 { mailbox.silence() }
        return iscsi_service(context, Int32(descriptors[0].revents)) == 0
    }

    /// Whether everything queued has been handed to the socket.
    var isDrained: Bool {
        iscsi_which_events(context) & Int32(POLLOUT) == 0 && iscsi_out_queue_length(context) == 0
    }

    // MARK: Words

    var libraryError: String {
        let text = String(cString: iscsi_get_error(context)).split(separator: "\n").joined(separator: " ")
        return text.isEmpty ? "the connection was closed by the other side" : text
    }

    var place: String {
        endpoint.target.isEmpty ? "iSCSI portal \(portal)" : "iSCSI target \(endpoint.target) at \(portal)"
    }

    /// libiscsi tells the login status only in its text, as a number in brackets at the end.
    private var loginError: WireError {
        let text = libraryError
        let digits = text.reversed().drop { $0 == ")" || $0 == "." }.prefix { $0.isNumber }.reversed()
        let status = Int(String(digits)) ?? 0
        switch status {
        case 0x0201, 0x0202:
            return WireError(.denied, "\(place) refused the login: \(text): are CHAP name and secret the target's own?")
        case 0x0203, 0x0204:
            return WireError(.notFound, "\(place) does not exist for this initiator: \(text)")
        case 0x0300...0x03ff:
            return WireError(.unreachable, "\(place) is not ready: \(text)")
        default:
            let isProof = text.contains("CHAP") || text.contains("Authentication")
            return WireError(isProof ? .denied : .protocolViolation, "\(place): \(text)")
        }
    }
}
