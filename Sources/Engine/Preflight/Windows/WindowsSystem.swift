/// A Windows on the disks: the hive of its registry that says which drivers start when.
struct WindowsSystem: Sendable {
    let hive: RegistryHive
    /// Name of its volume.
    let volume: String
    let needsRecovery: Bool

    private static let path = "/Windows/System32/config/SYSTEM"

    /// Nil when there is none, or none that can be read; then with the reason.
    static func find(in survey: GuestSurvey) async throws(EngineError) -> (WindowsSystem?, [PreflightFinding]) {
        var findings: [PreflightFinding] = []
        for volume in survey.volumes where volume.signature?.kind == .ntfs {
            do throws(EngineError) {
                let tree = GuestTree(try await NTFSFileSystem.open(volume.volume))
                guard let file = try await tree.file(path) else { continue }
                let hive = try RegistryHive(try await file.bytes(limit: RegistryHive.limit))
                let system = WindowsSystem(
                    hive: hive, volume: volume.name,
                    needsRecovery: tree.files.needsRecovery || hive.needsRecovery)
                return (system, [])
            } catch {
                guard error.kind != .cancelled else { throw error }
                findings.append(
                    PreflightFinding(
                        .warning, .notLookedAt, "Windows on \(volume.name) could not be looked at: \(error.message)"))
            }
        }
        return (nil, findings)
    }
}
