import Engine
import Wire

/// How volume groups of a cluster are reached over iSCSI.
struct VolumeAccess: Sendable {
    let portal: ISCSIPortal
    /// Our own name.
    let initiator: String
    let chap: ChapMode
    let limits: ISCSITimeLimits
}

/// One volume group as an iSCSI target.
struct VolumeEndpoint: Sendable {
    let access: VolumeAccess
    /// The group's `targetName`, without the authority.
    let targetName: String
    let secrets: ChapSecrets

    private var qualifiedName: String {
        targetName.hasPrefix("iqn.") ? targetName : "iqn.2010-06.com.nutanix:\(targetName)"
    }

    /// Both sides go by our name.
    private var credentials: ISCSICredentials? {
        secrets.target.map { secret in
            ISCSICredentials(
                initiator: .init(name: access.initiator, secret: secret),
                target: secrets.initiatorCheck.map { .init(name: access.initiator, secret: $0) })
        }
    }

    /// The portal itself has no secret to prove.
    private var listingCredentials: ISCSICredentials? {
        secrets.target.map { ISCSICredentials(initiator: .init(name: access.initiator, secret: $0)) }
    }

    /// Logs in to every target of the group.
    /// - Throws: `denied`, `notFound`, and connection errors, each saying which target and what to check.
    func logIn() async throws(PrismError) -> [ISCSISession] {
        var sessions: [ISCSISession] = []
        do throws(WireError) {
            for target in try await targets() {
                let endpoint = ISCSIEndpoint(
                    portal: access.portal, target: target, initiator: access.initiator,
                    credentials: credentials, limits: access.limits)
                sessions.append(try await ISCSISession.connect(to: endpoint))
            }
            return sessions
        } catch {
            for session in sessions { await session.close() }
            throw PrismError(error).during("the disks of the volume group could not be reached over iSCSI")
        }
    }

    /// The names to log in to. A fresh attachment may take some seconds to show; a portal that lists nothing may
    /// still let in by name.
    private func targets() async throws(WireError) -> [String] {
        let deadline = ContinuousClock.now + .seconds(20)
        var pause = Duration.milliseconds(200)
        while true {
            do throws(WireError) {
                let listed = try await ISCSISession.discover(
                    portal: access.portal, initiator: access.initiator, credentials: listingCredentials,
                    limits: access.limits)
                let own = listed.filter { $0 == qualifiedName || $0.hasPrefix(qualifiedName + "-tgt") }
                if !own.isEmpty { return Array(Set(own)).sorted() }
            } catch {
                if error.kind == .protocolViolation { return [qualifiedName] }
                throw error
            }
            guard ContinuousClock.now < deadline else { return [qualifiedName] }
            do { try await Task.sleep(for: pause) } catch { throw WireError(.cancelled, "cancelled") }
            pause = min(pause * 2, .seconds(2))
        }
    }
}
