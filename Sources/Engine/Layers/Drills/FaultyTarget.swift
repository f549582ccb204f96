import Synchronization

/// Passes calls on until the plan says that one fails: for drills and tests.
package final class FaultyTarget: Target {
    package static let name = "faulty-memory"
    package static let summary = "memory that fails on plan: for drills"

    /// One call that fails.
    package struct Fault: Sendable {
        package let call: TargetCall
        /// The first call that fails, counted from 1 over calls of this kind and prefix.
        package let first: Int
        /// How many fail.
        package let times: Int
        /// From the first one on each call of this many fails: 1 for all in a row.
        package let every: Int
        /// Only calls whose key, or prefix of a listing, starts so.
        package let prefix: String
        package let error: EngineError

        package init(
            _ call: TargetCall, first: Int = 1, times: Int = 1, every: Int = 1, prefix: String = "",
            error: EngineError = EngineError(.failed, "a planned fault")
        ) {
            self.call = call
            self.first = first
            self.times = times
            self.every = every
            self.prefix = prefix
            self.error = error
        }
    }

    private struct State {
        var faults: [Fault]
        /// Calls so far that each fault looks at.
        var seen: [Int]
    }

    private let inner: any Target
    private let state: Mutex<State>

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(try MemoryTarget(settings, in: context), [])
    }

    package init(_ inner: any Target, _ faults: [Fault]) {
        self.inner = inner
        state = Mutex(State(faults: faults, seen: [Int](repeating: 0, count: faults.count)))
    }

    /// Adds a fault; its calls are counted from now on.
    package func plan(_ fault: Fault) {
        state.withLock { state in
            state.faults.append(fault)
            state.seen.append(0)
        }
    }

    package var capabilities: TargetCapabilities { inner.capabilities }

    package func open() async throws(EngineError) {
        try check(.open, "")
        try await inner.open()
    }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try check(.put, key.text)
        try await inner.put(key, content)
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        try check(.begin, key.text)
        return LayeredUpload(try await inner.begin(key)) { [self] call, _, body throws(EngineError) in
            try check(call, key.text)
            try await body()
        }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        try check(.get, key.text)
        try await inner.get(key, range, into: output)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        try check(.size, key.text)
        return try await inner.size(of: key)
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        try check(.delete, key.text)
        try await inner.delete(key)
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        try check(.list, prefix)
        return try await inner.list(prefix: prefix)
    }

    package func sweep() async throws(EngineError) -> Int {
        try check(.sweep, "")
        return try await inner.sweep()
    }

    package func close() async { await inner.close() }

    private func check(_ call: TargetCall, _ text: String) throws(EngineError) {
        let error = state.withLock { state -> EngineError? in
            var error: EngineError?
            for index in state.faults.indices {
                let fault = state.faults[index]
                guard fault.call == call, text.hasPrefix(fault.prefix) else { continue }
                state.seen[index] += 1
                let since = state.seen[index] - fault.first
                let isHit = since >= 0 && since % fault.every == 0 && since / fault.every < fault.times
                if isHit { error = error ?? fault.error }
            }
            return error
        }
        if let error { throw error }
    }
}
