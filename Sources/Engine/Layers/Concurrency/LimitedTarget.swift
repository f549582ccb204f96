/// Lets at most so many requests through at once; the others wait, first come, first served.
package struct LimitedTarget: Target {
    package static let name = "limited-memory"
    package static let summary = "memory that takes one request at a time: for trials"

    private let inner: any Target
    private let requests: Int
    private let line: WaitingLine

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), requests: 1)
    }

    /// - Precondition: `requests` is at least 1.
    package init(_ inner: any Target, requests: Int) {
        precondition(requests >= 1, "nothing would ever get through")
        self.inner = inner
        self.requests = requests
        line = WaitingLine(places: requests)
    }

    package var capabilities: TargetCapabilities {
        var capabilities = inner.capabilities
        capabilities.parallelism = min(capabilities.parallelism, requests)
        return capabilities
    }

    package func open() async throws(EngineError) { try await inner.open() }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await line.pass { () throws(EngineError) in try await inner.put(key, content) }
    }

    /// Each call of an upload is a request, and between them it has no place. Parts that the target sends on after an
    /// `append` has returned are bounded by the target alone.
    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        let upload = try await line.pass { () throws(EngineError) in try await inner.begin(key) }
        return LayeredUpload(upload) { [line] _, _, body throws(EngineError) in try await line.pass(body) }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await line.pass { () throws(EngineError) in try await inner.get(key, range, into: output) }
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        try await line.pass { () throws(EngineError) in try await inner.size(of: key) }
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        try await line.pass { () throws(EngineError) in try await inner.delete(key) }
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await line.pass { () throws(EngineError) in try await inner.list(prefix: prefix) }
    }

    package func sweep() async throws(EngineError) -> Int {
        try await line.pass { () throws(EngineError) in try await inner.sweep() }
    }

    package func close() async { await inner.close() }
}
