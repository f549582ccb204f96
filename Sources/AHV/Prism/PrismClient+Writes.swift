import Engine

extension PrismClient {
    /// Starts a write and waits for its task.
    ///
    /// The task is waited for even if the caller is cancelled, since it goes on in Prism all the same and what it makes
    /// must be known to be removed.
    func run(
        _ method: String, _ namespace: Namespace, _ rest: String, body: JSONValue? = nil
    ) async throws(PrismError) -> PrismTask {
        try await uncancelled { () async throws(PrismError) in
            let call = PrismCall(method: method, path: try await self.path(namespace, rest), body: body)
            return try await self.wait(forTask: try await self.send(call).taskID(of: call))
        }
    }

    /// As `run`, for a write that must name the state of `owner` it is meant for. When that has changed meanwhile it
    /// is read again, up to five times; each attempt is a request of its own.
    func run(
        _ method: String, _ namespace: Namespace, _ rest: String, body: JSONValue? = nil, stateOf owner: String
    ) async throws(PrismError) -> PrismTask {
        try await uncancelled { () async throws(PrismError) in
            var attempt = 0
            while true {
                let state = try await self.get(namespace, owner).etag
                let call = PrismCall(
                    method: method, path: try await self.path(namespace, rest), body: body, ifMatch: state)
                do throws(PrismError) {
                    return try await self.wait(forTask: try await self.send(call).taskID(of: call))
                } catch {
                    attempt += 1
                    guard error.isStaleETag, attempt < 5 else { throw error }
                    try? await Task.sleep(for: self.limits.pause(attempt - 1))
                }
            }
        }
    }

    /// Deletes an object; one that is gone already is no error.
    func delete(_ namespace: Namespace, _ rest: String) async throws(PrismError) {
        do throws(PrismError) {
            _ = try await run("DELETE", namespace, rest, stateOf: rest)
        } catch {
            if !error.isMissing { throw error }
        }
    }
}

/// Runs work that must not stop half-way because its caller is cancelled.
func uncancelled<Value: Sendable>(
    _ work: @escaping @Sendable () async throws(PrismError) -> Value
) async throws(PrismError) -> Value {
    let task = Task { () async -> Result<Value, PrismError> in
        do throws(PrismError) {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
    return try await task.value.get()
}
