import Synchronization

/// The faults that are set. Safe to use from any thread; what is set holds for the next request.
package final class Faults: Sendable {
    private let state = Mutex<[Fault]>([])
    private let tokens: Tokens
    private let grants: DiskGrants

    init(tokens: Tokens, grants: DiskGrants) {
        self.tokens = tokens
        self.grants = grants
    }

    package func add(_ fault: Fault) { state.withLock { $0.append(fault) } }

    /// Takes back all faults; what already happened stays.
    package func clear() { state.withLock { $0 = [] } }

    /// The next requests of an operation fail.
    package func fail(
        _ operation: String, next count: Int = 1, status: Int = 503, code: String = "ServerBusy", retryAfter: Int? = nil
    ) {
        var fault = Fault(operation: operation, count: count)
        (fault.status, fault.code, fault.retryAfter) = (status, code, retryAfter)
        add(fault)
    }

    /// The next requests of an operation are done, but their answers are lost with the connection.
    package func loseAnswer(_ operation: String, next count: Int = 1) {
        var fault = Fault(operation: operation, count: count)
        (fault.isDone, fault.closes) = (true, true)
        add(fault)
    }

    /// The connection is closed after that many bytes of a request's body.
    package func cutRequest(_ operation: String, after bytes: Int, next count: Int = 1) {
        var fault = Fault(operation: operation, count: count)
        fault.cutRequest = bytes
        add(fault)
    }

    /// The connection is closed after that many bytes of an answer's body.
    package func cutAnswer(_ operation: String, after bytes: Int, next count: Int = 1) {
        var fault = Fault(operation: operation, count: count)
        fault.cutAnswer = bytes
        add(fault)
    }

    /// The next requests of an operation wait.
    package func delay(_ operation: String, seconds: Double, next count: Int = .max) {
        var fault = Fault(operation: operation, count: count)
        fault.seconds = seconds
        add(fault)
    }

    /// Connections are closed as soon as a request comes.
    package func close(_ operation: String = "*", next count: Int = .max) {
        var fault = Fault(operation: operation, count: count)
        fault.closes = true
        add(fault)
    }

    /// Lists of blobs come in pages of at most so many entries, which may be none.
    package func limitLists(to entries: Int, next count: Int = .max) {
        var fault = Fault(operation: Operation.listBlobs.rawValue, count: count)
        fault.listLimit = entries
        add(fault)
    }

    /// No blob can be deleted.
    package func denyDelete() {
        fail(
            Operation.deleteBlob.rawValue, next: .max, status: 403, code: AzureError.permissionMismatch.code)
    }

    /// Every token that was issued so far is expired from now on.
    package func expireTokens() { tokens.expireAll() }

    /// Every shared access signature of a managed disk that is out is expired from now on.
    package func expireAccess() { grants.expireAll() }

    /// The next requests of an operation of Azure Resource Manager are accepted, and what they start fails at its end.
    package func failLater(_ operation: String, next count: Int = 1, code: String, message: String? = nil) {
        var fault = Fault(operation: operation, count: count)
        (fault.failsLater, fault.code, fault.message) = (true, code, message)
        add(fault)
    }

    /// Counts one request.
    ///
    /// - Returns: the faults that hit it.
    func hits(_ operation: String, path: String) -> [Fault] {
        state.withLock { faults in
            var hits: [Fault] = []
            for index in faults.indices {
                let fault = faults[index]
                guard fault.operation == "*" || fault.operation == operation else { continue }
                if let part = fault.path, !path.contains(part) { continue }
                faults[index].seen += 1
                let number = faults[index].seen - fault.skip
                if number >= 1 && number <= fault.count { hits.append(fault) }
            }
            return hits
        }
    }
}
