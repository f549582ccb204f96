import Engine
import Synchronization
import Targets

/// The signed address of a managed disk's bytes: asked for when it is needed, and again when Azure does not take it any
/// more. It is a secret, and kept in memory alone.
final class DiskAccess: Sendable {
    enum Purpose: String, Sendable {
        case read = "Read"
        case write = "Write"
    }

    struct Grant: Sendable {
        /// With its signature.
        let address: String
        /// Counts the grants.
        let number: Int
        let since: Timestamp
    }

    private struct State {
        var grant: Grant?
        var pending: Task<Result<Grant, EngineError>, Never>?
    }

    /// Seconds. A new address is asked for when it ends.
    private static let duration: Int64 = 86_400
    /// Seconds until an address works everywhere.
    private static let youth: Int64 = 60

    let disk: ResourceID
    private let purpose: Purpose
    private let client: ResourceClient
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        to disk: ResourceID, for purpose: Purpose, _ client: ResourceClient, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.disk = disk
        self.purpose = purpose
        self.client = client
        self.clock = clock
    }

    /// The address as it is now; asks for the first one.
    func current() async throws(EngineError) -> Grant {
        if let grant = state.withLock({ $0.grant }) { return grant }
        return try await renewed(after: 0)
    }

    /// An address that is newer than number `number`. Who comes while one is asked for waits for the same.
    @discardableResult
    func renewed(after number: Int) async throws(EngineError) -> Grant {
        let task: Task<Result<Grant, EngineError>, Never>? = state.withLock { state in
            if let grant = state.grant, grant.number > number { return nil }
            if let pending = state.pending { return pending }
            let next = (state.grant?.number ?? 0) + 1
            let task = Task { await self.granted(next) }
            state.pending = task
            return task
        }
        guard let task else { return try await current() }
        return try await task.value.get()
    }

    private func granted(_ number: Int) async -> Result<Grant, EngineError> {
        let result: Result<Grant, EngineError>
        do throws(EngineError) {
            let grant = Grant(address: try await address(), number: number, since: clock())
            result = .success(grant)
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            state.pending = nil
            if case .success(let grant) = result { state.grant = grant }
        }
        return result
    }

    private func address() async throws(EngineError) -> String {
        let given = try await client.post(
            disk, "beginGetAccess",
            [
                "access": .string(purpose.rawValue), "durationInSeconds": .integer(Self.duration), "fileFormat": "VHD",
            ])
        let nested = given["properties"]?["output"]?["accessSAS"]?.string
        guard let text = given["accessSAS"]?.string ?? given["accessSas"]?.string ?? nested else {
            throw EngineError(.failed, "Azure gives no address for the bytes of the \(disk)")
        }
        let place = try HTTPAddress(String(text.prefix { $0 != "?" }), key: "address of the disk")
        guard place.isSecure || place.isLoopback, text.contains("?") else {
            throw EngineError(
                .failed, "the address that Azure gives for the bytes of the \(disk) is not signed, or not https")
        }
        return text
    }

    /// Whether the address is so new that a refusal may pass.
    var isYoung: Bool {
        guard let grant = state.withLock({ $0.grant }) else { return false }
        return clock().milliseconds - grant.since.milliseconds < Self.youth * 1000
    }

    /// Ends the access; for an upload this is what makes the disk usable.
    func end() async throws(EngineError) {
        state.withLock { $0.grant = nil }
        _ = try await client.post(disk, "endGetAccess")
    }
}
