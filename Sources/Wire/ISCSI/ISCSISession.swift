/// A login to one iSCSI target, with as many commands in flight as callers give it.
///
/// The session has a thread of its own. When the connection breaks, a command passes its time limit or `close` is
/// called, everything in flight fails with one reason and every later call fails with the same; the session never
/// reconnects by itself, so that its owner can tell what must be repeated.
package final class ISCSISession: Sendable {
    /// Most bytes of one read or write.
    package static let mostTransferBytes = 4 << 20

    private let mailbox: ISCSIMailbox

    private init(_ mailbox: ISCSIMailbox) { self.mailbox = mailbox }

    deinit { mailbox.requestClose() }

    /// The names of the targets that `initiator` may see at a portal, by a discovery session of its own.
    /// - Throws: `unreachable`, `timedOut`, `denied`, `protocolViolation`, `connectionLost`, `cancelled`.
    package static func discover(
        portal: ISCSIPortal, initiator: String, credentials: ISCSICredentials? = nil,
        limits: ISCSITimeLimits = ISCSITimeLimits()
    ) async throws(WireError) -> [String] {
        let mailbox = try ISCSIMailbox()
        let endpoint = ISCSIEndpoint(
            portal: portal, target: "", initiator: initiator, credentials: credentials, limits: limits)
        return try await onOwnThread(mailbox) { finish in
            finish(discoverBlocking(endpoint, mailbox))
            mailbox.end(WireError(.closed, "the discovery is over"))
        }
    }

    private static func discoverBlocking(
        _ endpoint: ISCSIEndpoint, _ mailbox: ISCSIMailbox
    ) -> Result<[String], WireError> {
        do throws(WireError) {
            let connection = try ISCSIConnection.open(endpoint, for: .discovery, mailbox)
            let targets = try connection.discover(by: .now + endpoint.limits.login)
            connection.logOut()
            return .success(targets)
        } catch {
            return .failure(error)
        }
    }

    /// Logs in to a target.
    /// - Throws: as `discover`, and `notFound` if the target is not there for this initiator.
    package static func connect(to endpoint: ISCSIEndpoint) async throws(WireError) -> ISCSISession {
        let mailbox = try ISCSIMailbox()
        try await onOwnThread(mailbox) { finish in
            ISCSIEventLoop.run(endpoint, mailbox, opened: finish)
        }
        return ISCSISession(mailbox)
    }

    /// Starts a thread for `work` and waits until it calls back; a cancelled caller makes it stop.
    private static func onOwnThread<Value: Sendable>(
        _ mailbox: ISCSIMailbox,
        _ work: @escaping @Sendable (@Sendable (Result<Value, WireError>) -> Void) -> Void
    ) async throws(WireError) -> Value {
        let result: Result<Value, WireError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(WireError) {
                    try PosixThread.start { work { continuation.resume(returning: $0) } }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            mailbox.requestClose()
        }
        if case .failure(let error) = result, error.kind == .closed {
            throw WireError(.cancelled, "the login was cancelled")
        }
        return try result.get()
    }

    // MARK: Commands

    /// The numbers of the target's logical units.
    package func reportLUNs() async throws(WireError) -> [Int] {
        try understood(SCSIReplies.luns(try await send(.reportLUNs)), "list of LUNs")
    }

    /// The size of a logical unit.
    package func capacity(ofLUN lun: Int) async throws(WireError) -> ISCSICapacity {
        try understood(SCSIReplies.capacity(try await send(.readCapacity(lun: lun))), "capacity of LUN \(lun)")
    }

    /// Whether a logical unit is a disk that is there, as opposed to a controller or an empty place.
    package func isDisk(lun: Int) async throws(WireError) -> Bool {
        try understood(try await send(.inquiry(lun: lun)).first, "kind of LUN \(lun)") == 0
    }

    /// The serial number of a logical unit (page 0x80), or nil if it has none.
    package func serial(ofLUN lun: Int) async throws(WireError) -> String? {
        guard let bytes = try await productData(ofLUN: lun, page: 0x80) else { return nil }
        let text = String(decoding: bytes.filter { $0 > 32 && $0 < 127 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    /// The body of a page of a logical unit's vital product data (0x83: its identifiers), or nil if it has no such page.
    package func productData(ofLUN lun: Int, page: UInt8) async throws(WireError) -> [UInt8]? {
        do throws(WireError) {
            return SCSIReplies.productData(try await send(.productData(lun: lun, page: page)), page: page)
        } catch {
            if error.kind == .refusedByDevice { return nil }
            throw error
        }
    }

    /// Reads whole blocks from `lba` on, straight into `memory`, which must stay valid until this returns.
    /// - Throws: `connectionLost`, `timedOut`, `refusedByDevice`, `closed`, `configuration`.
    package func read(
        lun: Int, at lba: UInt64, blockSize: Int, into memory: UnsafeMutableRawBufferPointer
    ) async throws(WireError) {
        guard !memory.isEmpty else { return }
        let lent = try BorrowedMemory(memory, blockSize: blockSize, limit: Self.mostTransferBytes)
        _ = try await send(.read(lun: lun, lba: lba, blockSize: blockSize, into: lent))
    }

    /// Writes whole blocks from `lba` on, straight from `memory`, which must stay valid until this returns.
    ///
    /// The bytes are safe from a crash of the target only after `synchronizeCache`.
    /// - Throws: as `read`. A write that failed ends the session.
    package func write(
        lun: Int, at lba: UInt64, blockSize: Int, from memory: UnsafeRawBufferPointer
    ) async throws(WireError) {
        guard !memory.isEmpty else { return }
        let lent = try BorrowedMemory(
            UnsafeMutableRawBufferPointer(mutating: memory), blockSize: blockSize, limit: Self.mostTransferBytes)
        _ = try await send(.write(lun: lun, lba: lba, blockSize: blockSize, from: lent))
    }

    /// Returns once everything written to the logical unit is on stable storage.
    package func synchronizeCache(lun: Int) async throws(WireError) {
        _ = try await send(.synchronizeCache(lun: lun))
    }

    /// Logs out and frees the connection. What is still in flight fails with `closed`. May be called again.
    package func close() async {
        mailbox.requestClose()
        await mailbox.waitForEnd()
    }

    private func send(_ request: ISCSIRequest) async throws(WireError) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            mailbox.post(.init(request: request) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    private func understood<Value>(_ value: Value?, _ what: String) throws(WireError) -> Value {
        guard let value else { throw WireError(.protocolViolation, "the target's \(what) makes no sense") }
        return value
    }
}
