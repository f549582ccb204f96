/// Runs clean-up work to its end although the task around it is cancelled.
package func detached<T: Sendable>(_ work: @escaping @Sendable () async -> T) async -> T {
    await Task.detached(executorPreference: BlockingThreads.shared) { await work() }.value
}
