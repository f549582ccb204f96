import NIOCore

/// Requests to Azure Resource Manager.
extension Front {
    /// Largest request, in bytes.
    private static let largest = 4 << 20

    func manage(_ call: Call, _ receive: @escaping Receive) async -> Reply {
        var record = RequestRecord(call)
        defer { log.add(record) }
        let path: ManagementPath
        do throws(AzureError) {
            path = try ManagementPath(call)
        } catch {
            let answer = finish(error.managementAnswer, call)
            note(answer, in: &record)
            return .answer(answer, cut: nil)
        }
        record.operation = path.operation
        let hits = faults.hits(path.operation, path: call.rawPath)
        if let reply = await disturb(hits, receive) { return reply }
        var answer: Answer
        do {
            answer = try await manage(call, path, hits, &record, receive)
        } catch let error as AzureError {
            answer = error.managementAnswer
            record.code = error.code
        } catch {
            return .hangUp
        }
        if hits.contains(where: { $0.closes && $0.isDone }) { return .hangUp }
        answer = finish(answer, call)
        answer.headers += [
            ("x-ms-correlation-request-id", call.id), ("x-ms-routing-request-id", "SIMULATED:\(call.id)"),
            ("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff"),
        ]
        record.status = answer.status
        return .answer(answer, cut: hits.compactMap(\.cutAnswer).first)
    }

    private func manage(
        _ call: Call, _ path: ManagementPath, _ hits: [Fault], _ record: inout RequestRecord, _ receive: Receive
    ) async throws -> Answer {
        guard (call["content-length"].flatMap { Int($0) } ?? 0) <= Self.largest else {
            throw AzureError(413, "RequestContentTooLarge", "The request content size exceeds the maximum size.")
        }
        let body = Array(buffer: try await receive(Self.largest))
        let now = Instant.now()
        let authorizer = ManagementAuthorizer(settings: settings, tokens: tokens)
        let caller = try authorizer.authorize(call, path, now: now)
        record.authorization = Grant.Kind.bearer.rawValue
        if let error = hits.first(where: { !$0.isDone && !$0.failsLater && $0.status != nil })?.error { throw error }
        let isDocument = call.method == "PUT" || call.method == "PATCH" || call.method == "POST"
        let request = ManagementRequest(
            call: call, path: path, body: isDocument ? try JSON.parse(body) : .null, caller: caller,
            laterFailure: hits.first(where: \.failsLater)?.failure, listLimit: hits.compactMap(\.listLimit).min(),
            now: now)
        let answer = try await cloud.answer(request)
        if let error = hits.first(where: { $0.isDone && $0.status != nil })?.error { throw error }
        return answer
    }
}
