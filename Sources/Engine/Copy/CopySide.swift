/// One of the two repositories of a copy.
package struct CopySide: Sendable {
    /// In the configuration; errors name it.
    package let name: String
    package let repository: Repository
    /// Empty; it is filled here.
    package let index: any DedupIndex

    package init(name: String, repository: Repository, index: any DedupIndex) {
        self.name = name
        self.repository = repository
        self.index = index
    }

    var target: any Target { repository.target }

    /// What `body` throws says which of the two repositories it is about.
    func naming<R>(_ body: () async throws(EngineError) -> R) async throws(EngineError) -> R {
        do throws(EngineError) {
            return try await body()
        } catch {
            throw error.at("repository \(name)")
        }
    }
}
