/// Shows objects in listings only when they have a certain age. It breaks the promise that what was put is listed: for
/// seeing what becomes of work at such a place.
package struct LateListingTarget: Target {
    package static let name = "late-listing-memory"
    package static let summary = "memory that lists late: for drills"

    private let inner: any Target
    private let seconds: Int64
    private let clock: LayerClock

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), seconds: 1)
    }

    package init(_ inner: any Target, seconds: Int64, clock: LayerClock = .machine) {
        self.inner = inner
        self.seconds = seconds
        self.clock = clock
    }

    package var capabilities: TargetCapabilities { inner.capabilities }
    package func open() async throws(EngineError) { try await inner.open() }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await inner.put(key, content)
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload { try await inner.begin(key) }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try await inner.get(key, range, into: output)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? { try await inner.size(of: key) }
    package func delete(_ key: ObjectKey) async throws(EngineError) { try await inner.delete(key) }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        let now = clock.now()
        return try await inner.list(prefix: prefix).filter { $0.modified.adding(seconds: seconds) <= now }
    }

    package func sweep() async throws(EngineError) -> Int { try await inner.sweep() }
    package func close() async { await inner.close() }
}
