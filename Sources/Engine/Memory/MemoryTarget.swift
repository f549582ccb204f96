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
        let bytes = content.array
        let isNew = store.objects.withLock { objects in
            guard objects[key] == nil else { return false }
            objects[key] = bytes
            return true
        }
        guard isNew else { throw EngineError(.alreadyExists, "\(key) is in memory already") }
    }

    package func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        requireOpen()
        guard let object = store.objects.withLock({ $0[key] }) else {
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
        return store.objects.withLock { $0[key]?.count }
    }

    package func delete(_ key: ObjectKey) async throws(EngineError) {
        requireOpen()
        store.objects.withLock { _ = $0.removeValue(forKey: key) }
    }

    package func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        requireOpen()
        return store.objects.withLock { objects in
            objects.filter { $0.key.text.hasPrefix(prefix) }
                .map { ListedObject(key: $0.key, size: $0.value.count) }
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
    let objects = Mutex<[ObjectKey: [UInt8]]>([:])

    package init() {}

    /// An object's bytes, to be looked at behind a target's back.
    package subscript(key: ObjectKey) -> [UInt8]? {
        get { objects.withLock { $0[key] } }
        set { objects.withLock { $0[key] = newValue } }
    }

    /// All keys, in byte order.
    package var keys: [ObjectKey] { objects.withLock { $0.keys.sorted() } }
}
