import Engine

/// Which VMs have restore points.
struct Protection: Sendable {
    private let configuration: HostConfiguration
    private let surroundings: Surroundings

    init(_ configuration: HostConfiguration, in surroundings: Surroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
    }

    /// The newest restore point of each VM, by the VM's id. Repositories that cannot be read are told on stderr.
    func newestPoints() async throws(EngineError) -> [String: ProtectedVM.NewestPoint] {
        guard !configuration.repositories.entries.isEmpty else { return [:] }
        let points: [FoundPoint]
        do {
            points = try await RestorePoints(configuration, in: surroundings).list(repository: nil, vm: nil)
        } catch  where error.kind != .cancelled {
            surroundings.console.warn("\(error)")
            return [:]
        }
        var newest: [String: ProtectedVM.NewestPoint] = [:]
        for point in points {
            newest[point.vm.id] = ProtectedVM.NewestPoint(
                id: point.id, created: point.overview.created, repository: point.repository)
        }
        return newest
    }
}
