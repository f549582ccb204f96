import NIOCore

/// The way of one request through the service: disturbed, authorized, checked, done, logged.
struct Front: Sendable {
    /// What goes back to the client.
    enum Reply: Sendable {
        /// - Parameter cut: close the connection after that many bytes of the body.
        case answer(Answer, cut: Int?)
        case hangUp
    }

    /// Reads the body of the request, at most so many bytes.
    ///
    /// - Throws: when the connection breaks, or there are more.
    typealias Receive = @Sendable (Int) async throws -> ByteBuffer

    let settings: AzureSettings
    let tokens: Tokens
    let store: Store
    let bodies: Bodies
    let grants: DiskGrants
    let cloud: Cloud
    let faults: Faults
    let log: RequestLog
    let controlKey: String

    /// Largest body a request may have, in bytes: less than Azure allows, since it is held in memory.
    private static let largestBody = 512 << 20
    private static let largestDocument = 16 << 20

    func respond(to call: Call, receive: @escaping Receive) async -> Reply {
        if call.account == Self.control {
            let body = try? await receive(Self.largestDocument)
            return .answer(answerControl(call, body.map { Array(buffer: $0) } ?? []), cut: nil)
        }
        if ManagementPath.isManagement(call) { return await manage(call, receive) }
        var record = RequestRecord(call)
        defer { log.add(record) }
        let operation: Operation
        do throws(AzureError) {
            operation = if let own = directoryOperation(call) { own } else { try Operation(call) }
        } catch {
            let answer = finish(.error(error, id: call.id, now: .now()), call)
            note(answer, in: &record)
            return .answer(answer, cut: nil)
        }
        record.operation = operation.rawValue
        let hits = faults.hits(operation.rawValue, path: "\(call.container ?? "")/\(call.blob?.text ?? "")")
        if let reply = await disturb(hits, receive) { return reply }
        var answer: Answer
        do {
            answer = try await self.answer(operation, call, hits, &record, receive)
        } catch let error as AzureError {
            answer = operation.isDirectory ? Directory.error(error) : .error(error, id: call.id, now: .now())
        } catch {
            return .hangUp
        }
        if hits.contains(where: { $0.closes && $0.isDone }) { return .hangUp }
        answer = finish(answer, call)
        note(answer, in: &record)
        return .answer(answer, cut: hits.compactMap(\.cutAnswer).first)
    }

    /// Waits, and closes the connection, as faults say.
    func disturb(_ hits: [Fault], _ receive: Receive) async -> Reply? {
        for fault in hits where fault.seconds > 0 { try? await Task.sleep(for: .seconds(fault.seconds)) }
        if let bytes = hits.compactMap(\.cutRequest).first {
            _ = try? await receive(bytes)
            return .hangUp
        }
        return hits.contains { $0.closes && !$0.isDone } ? .hangUp : nil
    }

    private func directoryOperation(_ call: Call) -> Operation? {
        settings.accounts.contains { $0.name == call.account } ? nil : Directory.operation(call)
    }

    private func answer(
        _ operation: Operation, _ call: Call, _ hits: [Fault], _ record: inout RequestRecord, _ receive: Receive
    ) async throws -> Answer {
        var grant = Grant(kind: .none)
        if !operation.isDirectory {
            try ServiceVersion.check(call)
            if operation.needsLength, call["content-length"] == nil {
                throw AzureError(411, "MissingContentLengthHeader", "The Content-Length header was not specified.")
            }
            grant = try Authorizer(settings: settings, tokens: tokens, grants: grants).authorize(
                call, operation, now: .now())
            record.authorization = grant.kind.rawValue
        }
        let body = try await self.body(operation, call, receive)
        if Authorizer.isDisk(call.account), grants.find(call.account)?.id != call.parameter("si") {
            throw AzureError.authentication("Access to the disk was revoked.")
        }
        if let error = hits.first(where: { !$0.isDone && $0.status != nil })?.error { throw error }
        let answer = try await perform(operation, call, grant, body, hits.compactMap(\.listLimit).min())
        if let error = hits.first(where: { $0.isDone && $0.status != nil })?.error { throw error }
        return answer
    }

    private func body(_ operation: Operation, _ call: Call, _ receive: Receive) async throws -> ByteBuffer {
        let isDocument = [.putBlockList, .getUserDelegationKey, .token].contains(operation)
        let limit = operation == .putPage ? 4 << 20 : isDocument ? Self.largestDocument : Self.largestBody
        guard (call["content-length"].flatMap { Int($0) } ?? 0) <= limit else {
            throw AzureError.tooLarge.with("MaxLimit", "\(limit)")
        }
        return try await receive(limit)
    }

    private func perform(
        _ operation: Operation, _ call: Call, _ grant: Grant, _ body: ByteBuffer, _ listLimit: Int?
    ) async throws -> Answer {
        let now = Instant.now()
        let isDocument = [.putBlockList, .getUserDelegationKey, .token].contains(operation)
        let document = isDocument ? Array(buffer: body) : []
        if operation.isDirectory {
            return Directory(tokens: tokens).answer(operation, call, document, now: now)
        }
        let digests = BodyDigests(body, md5: operation != .putPage || call["content-md5"] != nil)
        try BodyChecks.check(call, digests)
        if operation == .getUserDelegationKey {
            return try DelegationKey.answer(call, grant, document, tokens, now: now)
        }
        let conditions = try Conditions(call)
        let kept = isDocument ? Slice([]) : try await bodies.keep(body)
        let request = StoreRequest(
            call: call, grant: grant, conditions: conditions, body: kept, document: document, digests: digests, now: now
        )
        let answer = try await store.perform(operation, request, listLimit: listLimit)
        return try await hashed(answer)
    }

    /// Adds the checksums of the body that were asked for.
    private func hashed(_ answer: Answer) async throws -> Answer {
        guard answer.hashes.md5 || answer.hashes.crc64 else { return answer }
        var answer = answer
        var whole = ByteBuffer()
        for slice in answer.body { whole.writeImmutableBuffer(try await slice.load()) }
        let digests = BodyDigests(whole)
        if answer.hashes.md5 { answer.headers.append(("Content-MD5", digests.md5)) }
        if answer.hashes.crc64 { answer.headers.append(("x-ms-content-crc64", digests.crc64)) }
        return answer
    }

    /// Adds what every answer has.
    func finish(_ answer: Answer, _ call: Call) -> Answer {
        var answer = answer
        answer.headers.append(("x-ms-request-id", call.id))
        if let id = call["x-ms-client-request-id"], id.utf8.count <= 1024 {
            answer.headers.append(("x-ms-client-request-id", id))
        }
        if let version = call["x-ms-version"] ?? call.parameter("sv"), ServiceVersion.known.contains(version) {
            answer.headers.append(("x-ms-version", version))
        }
        answer.headers.append(("Server", "AzureSimulator"))
        return answer
    }

    func note(_ answer: Answer, in record: inout RequestRecord) {
        record.status = answer.status
        record.code = answer["x-ms-error-code"] ?? ""
    }
}

extension Front {
    /// A new GUID.
    static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<32).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "0" }
        let pieces = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return pieces.joined(separator: "-")
    }
}
