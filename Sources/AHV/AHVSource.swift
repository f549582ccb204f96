public import Engine
import Synchronization

/// Nutanix AHV behind Prism Central: VMs are frozen by recovery points, compared by changed regions and moved over iSCSI.
public final class AHVSource: Source {
    public static let name = "ahv"
    public static let summary = "VMs on Nutanix AHV, by Prism Central (API v4) and iSCSI"

    private struct State {
        var prism: PrismClient?
        var inventory: PrismInventory?
    }

    private let configuration: AHVConfiguration
    private let state = Mutex(State())

    public init(_ settings: AHVSettings, in context: PluginContext) throws(EngineError) {
        configuration = try AHVConfiguration(settings, in: context)
    }

    init(_ configuration: AHVConfiguration) { self.configuration = configuration }

    public func open() async throws(EngineError) {
        let client = try configuration.client()
        try await translated { () async throws(PrismError) in
            // One cheap call proves address, certificate and account.
            _ = try await client.get(.clusters, "config/clusters", query: [(name: "$limit", value: "1")])
        }
        state.withLock { $0 = State(prism: client) }
    }

    public func close() async {
        state.withLock { $0 = State() }
    }

    public func inventory() async throws(EngineError) -> Inventory {
        let prism = try client()
        return try await translated { () async throws(PrismError) in
            let parts = try await PrismInventory.read(prism)
            self.state.withLock { $0.inventory = parts }
            return parts.shown(with: try await prism.allMachines())
        }
    }

    public func sweep(_ request: SweepRequest) async throws(EngineError) -> [String] {
        let prism = try client()
        let owner = configuration.owner
        return try await translated { () async throws(PrismError) in
            try await OrphanSweep(prism: prism, owner: owner, request: request).run()
        }
    }

    public func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture {
        let prism = try client()
        return try await translated { () async throws(PrismError) in
            try await CaptureStart(
                prism: prism, configuration: self.configuration, inventory: try await self.parts(prism)
            ).start(request)
        }
    }

    public func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession {
        let prism = try client()
        return try await translated { () async throws(PrismError) in
            try await self.restoreStart(prism).machine(request)
        }
    }

    public func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession {
        let prism = try client()
        return try await translated { () async throws(PrismError) in
            try await self.restoreStart(prism).disk(request)
        }
    }

    /// A restore looks anew at what the clusters have.
    private func restoreStart(_ prism: PrismClient) async throws(PrismError) -> RestoreStart {
        let parts = try await PrismInventory.read(prism)
        return RestoreStart(prism: prism, configuration: configuration, inventory: parts)
    }

    /// What the clusters have, read once while the source is open.
    private func parts(_ prism: PrismClient) async throws(PrismError) -> PrismInventory {
        if let parts = state.withLock({ $0.inventory }) { return parts }
        let parts = try await PrismInventory.read(prism)
        state.withLock { $0.inventory = parts }
        return parts
    }

    private func client() throws(EngineError) -> PrismClient {
        guard let prism = state.withLock({ $0.prism }) else {
            throw EngineError(.bug, "the source is used before it was opened, or after it was closed")
        }
        return prism
    }

    /// The one place where Prism's errors become the engine's.
    private func translated<Value>(
        _ work: () async throws(PrismError) -> Value
    ) async throws(EngineError) -> Value {
        do throws(PrismError) {
            return try await work()
        } catch {
            throw EngineError(error)
        }
    }
}
