import Engine
import Logging
import Wire

/// The disks of one volume group, reached over iSCSI. A session that drops is replaced; reads and writes that it cost
/// are repeated.
actor VolumeConnection {
    /// One login, until it drops.
    struct Login: Sendable {
        let number: Int
        let units: [LogicalUnit]
    }

    private let endpoint: VolumeEndpoint
    private let disks: [VolumeDisk]
    private let logger: Logger
    private var latest: Task<Result<Login, PrismError>, Never>?
    private var number = 0
    private var isClosed = false

    /// Logins in a row that may fail before the connection is given up.
    private static let attempts = 7
    /// Logins in all, so that a target that drops every session is given up too.
    private static let mostLogins = 200

    init(_ endpoint: VolumeEndpoint, disks: [VolumeDisk], logger: Logger) {
        self.endpoint = endpoint
        self.disks = disks
        self.logger = logger
    }

    /// Logs in for the first time, again while nobody answers yet; a refusal is not repeated.
    func open() async throws(PrismError) -> [LogicalUnit] {
        let login: Login
        do throws(PrismError) {
            login = Login(number: 0, units: try await Self.logIn(endpoint, disks))
        } catch {
            guard error.isRetryable else { throw error }
            login = try await Self.logInAgain(endpoint, disks, number: 0).get()
        }
        latest = Task { .success(login) }
        return login.units
    }

    /// The login to use, a new one if `failed` is the number of the latest.
    func login(after failed: Int?) async throws(PrismError) -> Login {
        guard !isClosed, let current = latest else { throw PrismError(.unreachable, "the disks are closed") }
        if failed == number {
            number += 1
            latest = replacement(of: current, number: number)
        }
        guard let latest else { throw PrismError(.unreachable, "the disks are closed") }
        return try await latest.value.get()
    }

    func close() async {
        isClosed = true
        guard let last = latest else { return }
        latest = nil
        await Self.close(await last.value)
    }

    private func replacement(
        of old: Task<Result<Login, PrismError>, Never>, number: Int
    ) -> Task<Result<Login, PrismError>, Never> {
        let (endpoint, disks, logger) = (endpoint, disks, logger)
        return Task { @concurrent in
            let ended = await old.value
            await Self.close(ended)
            guard case .success = ended, number <= Self.mostLogins else {
                return .failure(PrismError(.unreachable, "the iSCSI session kept dropping: the disks are given up"))
            }
            logger.warning("the iSCSI session was lost, logging in again")
            return await Self.logInAgain(endpoint, disks, number: number)
        }
    }

    private static func logInAgain(
        _ endpoint: VolumeEndpoint, _ disks: [VolumeDisk], number: Int
    ) async -> Result<Login, PrismError> {
        var last = PrismError(.unreachable, "the iSCSI session was lost")
        for attempt in 0..<attempts {
            do throws(PrismError) {
                return .success(Login(number: number, units: try await logIn(endpoint, disks)))
            } catch {
                last = error
                guard error.isRetryable || error.kind == .notFound else { break }
            }
            try? await Task.sleep(for: .milliseconds(250 << attempt))
        }
        return .failure(last)
    }

    private static func logIn(
        _ endpoint: VolumeEndpoint, _ disks: [VolumeDisk]
    ) async throws(PrismError) -> [LogicalUnit] {
        let sessions = try await endpoint.logIn()
        do throws(PrismError) {
            return try await LogicalUnits.match(disks, in: sessions)
        } catch {
            for session in sessions { await session.close() }
            throw error
        }
    }

    private static func close(_ login: Result<Login, PrismError>) async {
        guard case .success(let login) = login else { return }
        var closed: Set<ObjectIdentifier> = []
        for unit in login.units where closed.insert(ObjectIdentifier(unit.session)).inserted {
            await unit.session.close()
        }
    }
}
