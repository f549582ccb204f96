/// Makes the index forget packs that are about to be deleted: runs that list them are written anew without them.
///
/// Crash story: the new run is durable before the old one goes. A pack that no run lists is read by its own table.
struct IndexRewrite: Sendable {
    let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    func run(leavingOut packs: Set<PackID>) async throws(EngineError) {
        let target = repository.target
        for object in try await target.list(prefix: ObjectLayout.index) {
            let run: IndexRun
            do {
                run = try await IndexLoader(repository).read(object)
            } catch  where error.kind == .notFound {
                continue
            }
            let kept = run.entries.filter { !packs.contains($0.location.pack) }
            guard kept.count < run.entries.count else { continue }
            if !kept.isEmpty {
                var generator = SystemRandomNumberGenerator()
                let name = PackID.random(using: &generator).description
                try await target.put(ObjectLayout.index(name), IndexRun(name: name, entries: kept).encoded())
            }
            try await target.delete(object.key)
        }
    }
}
