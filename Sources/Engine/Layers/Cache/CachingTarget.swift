import Synchronization

/// Answers gets of immutable metadata from copies on a disk of this machine; `CacheRules` says of which objects, and why
/// of no others. Whether an object exists, and what is listed, is always the target's answer.
package final class CachingTarget: Target {
    package static let name = "caching-memory"
    package static let summary = "memory with a cache before it: for trials"

    private struct State {
        /// Names the repository whose copies count; nil until it is known.
        var space: String?
        /// Of objects that may be kept, as the target said.
        var sizes: [ObjectKey: Int] = [:]
        /// Bytes that were read of objects, in parts.
        var partsRead: [ObjectKey: Int] = [:]
    }

    private let inner: any Target
    private let cache: ObjectCache
    private let rules: CacheRules
    private let state: Mutex<State>

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        guard let folder = context.cacheDirectory else { throw EngineError(.configuration, "there is no cache folder") }
        self.init(
            try MemoryTarget(settings, in: context),
            ObjectCache(folder: folder + "/objects", size: 1 << 30, logger: context.logger), CacheRules())
    }

    init(_ inner: any Target, _ cache: ObjectCache, _ rules: CacheRules) {
        self.inner = inner
        self.cache = cache
        self.rules = rules
        state = Mutex(State(space: rules.identity == nil ? "all" : nil))
    }

    package var capabilities: TargetCapabilities { inner.capabilities }
    package func open() async throws(EngineError) { try await inner.open() }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        try await inner.put(key, content)
        if key == rules.identity { content.withBytes { learn($0) } }
        keep(key, content, 0..<content.count)
    }

    /// What is put piece by piece is as large as no object that is kept.
    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload { try await inner.begin(key) }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        if let space = space(of: key) {
            if cache.read(key, range, in: space, into: output) { return }
            if let range, try await fetchWhole(key, for: range, into: output) { return }
        }
        let before = output.count
        try await inner.get(key, range, into: output)
        let isWhole = range.map { range in range.lowerBound == 0 && knownSize(of: key) == range.count } ?? true
        guard isWhole else { return }
        if key == rules.identity { output.withBytes(before..<output.count) { learn($0) } }
        keep(key, output, before..<output.count)
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        let size = try await inner.size(of: key)
        if mayKeep(key) || key == rules.identity { state.withLock { $0.sizes[key] = size } }
        return size
    }

    /// The copy goes first: whatever becomes of the object, this process has no copy of it.
    package func delete(_ key: ObjectKey) async throws(EngineError) {
        forget(key)
        try await inner.delete(key)
        forget(key)
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        let objects = try await inner.list(prefix: prefix)
        state.withLock { state in
            for object in objects where mayKeep(object.key) { state.sizes[object.key] = object.size }
        }
        return objects
    }

    package func sweep() async throws(EngineError) -> Int { try await inner.sweep() }
    package func close() async { await inner.close() }

    private func mayKeep(_ key: ObjectKey) -> Bool { rules.keeps(key) }

    private func knownSize(of key: ObjectKey) -> Int? { state.withLock { $0.sizes[key] } }

    /// Where copies of the object are; nil when there are none of it.
    private func space(of key: ObjectKey) -> String? { mayKeep(key) ? state.withLock { $0.space } : nil }

    private func learn(_ identity: RawSpan) {
        let space = String(Digest.sha256(identity).description.prefix(32))
        state.withLock { $0.space = space }
    }

    private func keep(_ key: ObjectKey, _ content: Buffer, _ range: Range<Int>) {
        guard range.count <= rules.largest, let space = space(of: key) else { return }
        content.withBytes(range) { cache.keep($0, of: key, in: space) }
        state.withLock { $0.partsRead[key] = nil }
    }

    private func forget(_ key: ObjectKey) {
        let space = state.withLock { state in
            state.sizes[key] = nil
            state.partsRead[key] = nil
            if key == rules.identity { state.space = nil }
            return state.space
        }
        if let space, mayKeep(key) { cache.drop(key, in: space) }
    }

    /// Fetches the whole object when so many of its parts were asked for that it is likely to be asked for more.
    /// - Returns: false when the part alone is to be fetched.
    private func fetchWhole(
        _ key: ObjectKey, for range: Range<Int>, into output: Buffer
    ) async throws(EngineError) -> Bool {
        let read = state.withLock { state in
            state.partsRead[key, default: 0] += range.count
            return state.partsRead[key, default: 0]
        }
        guard read >= rules.worthAsking || knownSize(of: key).map({ $0 <= rules.worthAsking }) == true else {
            return false
        }
        guard let size = try await knownOrAskedSize(of: key), range.lowerBound >= 0, range.upperBound <= size,
            range.count < size, range.count <= output.room, size <= rules.largest,
            size <= rules.worthAsking || read * 4 >= size
        else { return false }
        let whole = Buffer(capacity: size)
        try await inner.get(key, 0..<size, into: whole)
        keep(key, whole, 0..<size)
        whole.withBytes(range) { output.append($0) }
        return true
    }

    private func knownOrAskedSize(of key: ObjectKey) async throws(EngineError) -> Int? {
        if let size = knownSize(of: key) { return size }
        return try await size(of: key)
    }
}
