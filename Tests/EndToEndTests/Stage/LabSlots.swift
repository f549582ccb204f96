/// Lets a few labs run at a time, each with loopback addresses of its own.
actor LabSlots {
    static let shared = LabSlots(count: 4)

    private var free: Int
    private var started = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) { free = count }

    /// Waits for a slot.
    /// - Returns: the first three numbers of loopback addresses that no other lab of this process uses.
    func take() async -> String {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        started += 1
        return "127.61.\(started)"
    }

    func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
