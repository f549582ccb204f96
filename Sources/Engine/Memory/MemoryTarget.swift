import Synchronization

/// Objects in memory, gone with the process: for tests and trials. Stricter than life: use before `open` or after
/// `close` stops the program.
package final class MemoryTarget: Target {
    package static let name = "memory"
    package static let summary = "memory: for trials, gone when the program ends"

    package let capabilities = TargetCapabilities(hasAtomicCreate: true, parallelism: 4)
    private let store: MemoryStore
    private let isOpen = Mutex(false)

    package convenience init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        self.init(MemoryStore())
    }

    /// A target over a store that others may share, as two processes share a folder.
    package init(_ store: MemoryStore) { self.store = store }

    package func open() async throws(EngineError) { isOpen.withLock { $0 = true } }

    package func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        requireOpen()
        try store.put(key, content.array)
    }

    package func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        requireOpen()
        return MemoryUpload(key, in: store)
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        requireOpen()
        guard let object = store[key] else {
            throw EngineError(.notFound, "\(key) is not in memory")
        }
        let wanted = range ?? 0..<object.count
        guard wanted.upperBound <= object.count, wanted.count <= output.room else {
            throw EngineError(
                .corrupt, "\(key) has \(object.count) bytes; \(wanted) is asked for, \(output.room) bytes have room")
        }
        output.append(object.span.bytes.extracting(wanted))
    }

    package func size(of key: ObjectKey) async throws(EngineError) -> Int? {
        requireOpen()
        return store.objects.withLock { $0[key]?.bytes.count }
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        requireOpen()
        store.objects.withLock { _ = $0.removeValue(forKey: key) }
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        requireOpen()
        return store.objects.withLock { objects in
            objects.filter { $0.key.text.hasPrefix(prefix) }
                .map { ListedObject(key: $0.key, size: $0.value.bytes.count, modified: $0.value.modified) }
                .sorted { $0.key < $1.key }
        }
    }

    package func close() async { isOpen.withLock { $0 = false } }

    private func requireOpen() {
        precondition(isOpen.withLock { $0 }, "a target is used only between open and close")
    }
}

/// What memory targets keep their objects in.
package final class MemoryStore: Sendable {
    struct Object: Sendable {
        let bytes: [UInt8]
        let modified: Timestamp
    }

    let objects = Mutex<[ObjectKey: Object]>([:])
    /// How far the clock of this place is ahead of the machine's, in seconds.
    private let clockOffset = Mutex<Int64>(0)

    package init() {}

    /// An object's bytes, to be looked at and changed behind a target's back.
    package subscript(key: ObjectKey) -> [UInt8]? {
        get { objects.withLock { $0[key]?.bytes } }
        set {
            let time = now()
            objects.withLock { $0[key] = newValue.map { Object(bytes: $0, modified: time) } }
        }
    }

    /// All keys, in byte order.
    package var keys: [ObjectKey] { objects.withLock { $0.keys.sorted() } }

    /// Moves the clock of this place, as it happens to the clocks of servers.
    package func moveClock(seconds: Int64) { clockOffset.withLock { $0 += seconds } }

    /// - Throws: `.alreadyExists`.
    func put(_ key: ObjectKey, _ bytes: [UInt8]) throws(EngineError) {
        let isNew = objects.withLock { objects in
            guard objects[key] == nil else { return false }
            objects[key] = Object(bytes: bytes, modified: now())
            return true
        }
        guard isNew else { throw EngineError(.alreadyExists, "\(key) is in memory already") }
    }

    func now() -> Timestamp { Timestamp.now().adding(seconds: clockOffset.withLock { $0 }) }
}
