import Engine

/// A restore point and the repository that has it.
struct FoundPoint: Sendable {
    /// Name of the repository in the configuration.
    let repository: String
    let manifest: Manifest

    var id: RestorePointID { manifest.id }

    /// Where its manifest lies in the repository.
    var stored: StoredPoint {
        StoredPoint(id: manifest.id, key: ObjectLayout.manifest(manifest.id, vm: manifest.vm.id))
    }
}
