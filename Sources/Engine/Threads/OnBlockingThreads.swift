/// Runs `work` on the engine's own threads, where it may block; so do the child tasks it starts.
///
/// The closure must be `@concurrent`: only then does the task leave the executor it is on.
package func onBlockingThreads<T: Sendable>(
    _ work: @Sendable () async throws -> T
) async throws(EngineError) -> T {
    do {
        return try await withTaskExecutorPreference(BlockingThreads.shared) { @concurrent in try await work() }
    } catch {
        throw EngineError(error)
    }
}
