import Engine
import Synchronization

/// The memory source over a cluster that outlives it, named in the configuration: `{ type: shared, cluster: NAME }`.
final class SharedClusterSource: Source {
    struct Settings: PluginSettings {
        let cluster: String
        let password: Secret?

        static let fields: [Field] = [
            .required("cluster", "name of the cluster in this process"),
            .secret("password", "unused: to see what becomes of it"),
        ]
    }

    static let name = "shared"
    static let summary = "a cluster of this process"

    private static let clusters = Mutex<[String: MemoryCluster]>([:])

    /// The cluster of that name; made at the first call.
    static func cluster(_ name: String) -> MemoryCluster {
        clusters.withLock { clusters in
            if let cluster = clusters[name] { return cluster }
            let cluster = MemoryCluster()
            clusters[name] = cluster
            return cluster
        }
    }

    private let memory: MemorySource
    private let password: Secret?
    private let context: PluginContext

    init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        memory = MemorySource(Self.cluster(settings.cluster), proxyID: context.proxyID)
        password = settings.password
        self.context = context
    }

    func open() async throws(EngineError) {
        if let password { _ = try context.reveal(password) }
        try await memory.open()
    }

    func close() async { await memory.close() }
    func inventory() async throws(EngineError) -> Inventory { try await memory.inventory() }

    func sweep(_ request: SweepRequest) async throws(EngineError) -> [String] { try await memory.sweep(request) }

    func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture {
        try await memory.capture(request)
    }

    func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession {
        try await memory.restoreVM(request)
    }

    func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession {
        try await memory.restoreDisk(request)
    }
}
