import Engine
import EngineContracts

/// Tries a user's own target: every promise of the contract, then how fast it is. What it puts lies below `contract/` and
/// is gone afterwards, also after a failure and an interruption.
struct TargetCheck: Sendable {
    /// What is tried.
    struct Subject: Encodable, Sendable {
        let repository: String
        let target: String
        let layers: [String]
    }

    private let subject: Subject
    private let place: TargetContract.Place
    private let keys = TrackedKeys()

    /// - Parameter place: makes the target, not opened, anew at each call.
    init(_ subject: Subject, _ place: @escaping TargetContract.Place) {
        self.subject = subject
        self.place = place
    }

    /// - Parameter say: called with each promise when it was tried.
    /// - Throws: what opening the target throws; `.cancelled`.
    func run(_ say: @Sendable (TargetCheckReport.Promise) -> Void) async throws(EngineError) -> TargetCheckReport {
        let capabilities = try await capabilities()
        do throws(EngineError) {
            let promises = try await promises(say)
            let measurement = await measurement()
            guard !Task.isCancelled else { throw EngineError(.cancelled, "cancelled") }
            return TargetCheckReport(subject, capabilities, promises, measurement, leftovers: await clear())
        } catch {
            _ = await clear()
            throw error
        }
    }

    private func target() throws(EngineError) -> any Target {
        do { return TrackedTarget(try place(), keys) } catch { throw EngineError(error) }
    }

    private func capabilities() async throws(EngineError) -> TargetCapabilities {
        let target = try target()
        do throws(EngineError) { try await target.open() } catch {
            await target.close()
            throw error.at("repository \(subject.repository)")
        }
        await target.close()
        return target.capabilities
    }

    private func promises(
        _ say: @Sendable (TargetCheckReport.Promise) -> Void
    ) async throws(EngineError) -> [TargetCheckReport.Promise] {
        var promises: [TargetCheckReport.Promise] = []
        for one in TargetContract.cases {
            guard !Task.isCancelled else { throw EngineError(.cancelled, "cancelled") }
            let start = ContinuousClock.now
            var outcome = ContractOutcome.kept
            var failure: String?
            do { outcome = try await one.run { try target() } } catch { failure = "\(error)" }
            let promise = TargetCheckReport.Promise(
                promise: one.description, isKept: failure == nil, isOffered: outcome == .kept, failure: failure,
                seconds: (ContinuousClock.now - start).seconds)
            guard !Task.isCancelled else { throw EngineError(.cancelled, "cancelled") }
            promises.append(promise)
            say(promise)
        }
        return promises
    }

    private func measurement() async -> TargetCheckReport.Measurement {
        do throws(EngineError) {
            let target = try target()
            do throws(EngineError) {
                try await target.open()
                let speed = try await TargetSpeed(target).measure()
                await target.close()
                return speed
            } catch {
                await target.close()
                throw error
            }
        } catch {
            return TargetCheckReport.Measurement(failure: "\(error)")
        }
    }

    /// Removes what is left, and returns what cannot be.
    private func clear() async -> [String] {
        guard !keys.isEmpty else { return [] }
        return await detached {
            guard let target = try? target() else { return keys.names }
            if (try? await target.open()) != nil {
                for key in keys.all { try? await target.delete(key) }
            }
            await target.close()
            return keys.names
        }
    }
}
