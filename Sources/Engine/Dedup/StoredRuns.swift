/// The index runs that a repository lists at one moment, and the way to their bytes.
public struct StoredRuns: Sendable {
    /// A run at the target.
    public struct Run: Sendable, Hashable {
        /// The last part of its key; another run never has it.
        public let name: String
        /// Bytes.
        public let size: Int
    }

    /// Id of the repository: 32 hexadecimal digits.
    public let repository: String
    public let runs: [Run]
    private let target: any Target

    /// Lists the runs of a repository.
    package static func list(_ repository: Repository) async throws(EngineError) -> StoredRuns {
        let objects = try await repository.target.list(prefix: ObjectLayout.index)
        return StoredRuns(repository: repository.id, objects: objects, target: repository.target)
    }

    init(repository: String, objects: [ListedObject], target: any Target) {
        self.repository = repository
        runs = objects.map { Run(name: $0.key.lastPart, size: $0.size) }
        self.target = target
    }

    /// Appends the bytes of `range` to `output`.
    /// - Throws: `.notFound` when the run is gone: it was merged into another one, or lists only deleted packs.
    public func read(_ run: Run, _ range: Range<Int>, into output: Buffer) async throws(EngineError) {
        try await target.get(ObjectLayout.index(run.name), range, into: output)
    }

    /// Does `work` for each of `runs`, as many at once as the target serves well.
    func together(
        _ runs: [Run], _ work: @escaping @Sendable (Run) async throws -> Void
    ) async throws(EngineError) {
        _ = try await target.together(runs, work)
    }

    /// Does `work` for each piece of a large run, as many at once as the target serves well.
    func together(
        pieces: [Range<Int>], _ work: @escaping @Sendable (Range<Int>) async throws -> Void
    ) async throws(EngineError) {
        _ = try await target.together(pieces, work)
    }
}

/// What an index says after it was given the runs of a repository.
public struct TakenRuns: Sendable {
    /// Every pack that a run lists.
    public var packs: Set<PackID>
    /// Runs that could not be read: damaged, of a later version, or gone.
    public var failures: [String: EngineError]

    public init(packs: Set<PackID> = [], failures: [String: EngineError] = [:]) {
        self.packs = packs
        self.failures = failures
    }
}
