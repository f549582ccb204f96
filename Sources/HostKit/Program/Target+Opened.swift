import Engine

extension Target {
    /// Keeps the target open for as long as `body` runs; `place` says in errors which one it is.
    func opened<R>(
        as place: String, _ body: (any Target) async throws(EngineError) -> R
    ) async throws(EngineError) -> R {
        do {
            try await open()
            let result = try await body(self)
            await close()
            return result
        } catch {
            await close()
            throw error.at(place)
        }
    }
}
