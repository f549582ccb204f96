extension Target {
    /// Does `work` for each item, as many at once as this target serves well. Results come in the order of the items.
    /// - Throws: the first failure; work that has begun ends first, the rest is not begun.
    package func together<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async throws -> Result
    ) async throws(EngineError) -> [Result] {
        do {
            return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
                var results: [Result?] = Array(repeating: nil, count: items.count)
                var next = 0
                func start() {
                    guard next < items.count else { return }
                    let (position, item) = (next, items[next])
                    next += 1
                    group.addTask { (position, try await work(item)) }
                }
                for _ in 0..<max(1, capabilities.parallelism) { start() }
                while let (position, result) = try await group.next() {
                    results[position] = result
                    try Task.checkCancellation()
                    start()
                }
                return results.compactMap(\.self)
            }
        } catch {
            throw EngineError(error)
        }
    }
}
