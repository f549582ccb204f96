/// Lets every call wait before it goes on, as a far or busy server does.
package struct DelayedTarget: Target {
    package static let name = "delayed-memory"
    package static let summary = "memory that is slow to answer: for drills"

    private let inner: any Target
    private let delay: Duration
    private let clock: LayerClock

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), .milliseconds(1))
    }

    package init(_ inner: any Target, _ delay: Duration, clock: LayerClock = .machine) {
        self.inner = inner
        self.delay = delay
        self.clock = clock
    }

    package var capabilities: TargetCapabilities { inner.capabilities }

    package func open() async throws(EngineError) {
        try await clock.sleep(delay)
        try await inner.open()
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await clock.sleep(delay)
        try await inner.put(key, content)
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        try await clock.sleep(delay)
        return LayeredUpload(try await inner.begin(key)) { [self] _, _, body throws(EngineError) in
            try await clock.sleep(delay)
            try await body()
        }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await clock.sleep(delay)
        try await inner.get(key, range, into: output)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        try await clock.sleep(delay)
        return try await inner.size(of: key)
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        try await clock.sleep(delay)
        try await inner.delete(key)
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try await clock.sleep(delay)
        return try await inner.list(prefix: prefix)
    }

    package func sweep() async throws(EngineError) -> Int {
        try await clock.sleep(delay)
        return try await inner.sweep()
    }

    package func close() async { await inner.close() }
}
