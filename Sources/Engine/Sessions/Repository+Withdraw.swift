extension Repository {
    /// Takes back a restore point that must not stay, right after its commit.
    func withdraw(_ manifest: Manifest) async throws(EngineError) {
        for point in try await restorePoints(ofVM: manifest.vm.id) where point.id == manifest.id {
            try await target.delete(point.key)
        }
    }
}
