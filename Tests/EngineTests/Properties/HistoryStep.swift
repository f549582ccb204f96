/// One thing that happens to a repository or to the VMs it protects. Steps make sense in any order and any selection, so
/// that a history that fails can be made shorter.
enum HistoryStep: Sendable, CustomStringConvertible {
    case write(vm: Int, count: Int, seed: UInt64)
    case wipe(vm: Int, seed: UInt64)
    /// Copies a stretch of the first VM to the second.
    case copy(seed: UInt64)
    case grow(vm: Int)
    case backUp(vm: Int, isFull: Bool, codec: String)
    /// A backup whose source fails after some reads.
    case failedBackup(vm: Int, reads: Int)
    /// A backup whose process dies between its packs and its commit.
    case killedBackup(vm: Int)
    /// A backup during which a restore point is deleted and a prune runs from beginning to end.
    case backUpBesidePrune(vm: Int, waste: Int, deletingPoint: Int)
    /// Backups of both VMs at once, each from a process of its own.
    case backUpBoth(isFull: Bool)
    /// - Parameter point: counted modulo the restore points there are.
    case delete(point: Int)
    /// - Parameter waste: percent.
    case prune(waste: Int, grace: Int, deletingPoint: Int?)
    /// The clock at the target moves on, in seconds.
    case wait(Int)
    case check

    var description: String {
        switch self {
        case .write(let vm, let count, let seed): "write(vm: \(vm), count: \(count), seed: \(seed))"
        case .wipe(let vm, let seed): "wipe(vm: \(vm), seed: \(seed))"
        case .copy(let seed): "copy(seed: \(seed))"
        case .grow(let vm): "grow(vm: \(vm))"
        case .backUp(let vm, let isFull, let codec): "backUp(vm: \(vm), isFull: \(isFull), codec: \(codec))"
        case .failedBackup(let vm, let reads): "failedBackup(vm: \(vm), reads: \(reads))"
        case .killedBackup(let vm): "killedBackup(vm: \(vm))"
        case .backUpBesidePrune(let vm, let waste, let point):
            "backUpBesidePrune(vm: \(vm), waste: \(waste), deletingPoint: \(point))"
        case .backUpBoth(let isFull): "backUpBoth(isFull: \(isFull))"
        case .delete(let point): "delete(point: \(point))"
        case .prune(let waste, let grace, let point):
            "prune(waste: \(waste), grace: \(grace), deletingPoint: \(point.map(String.init) ?? "nil"))"
        case .wait(let seconds): "wait(\(seconds))"
        case .check: "check"
        }
    }

    static func random(using generator: inout SeededGenerator) -> HistoryStep {
        let vm = Int.random(in: 0..<2, using: &generator)
        let seed = UInt64.random(in: 0..<10_000, using: &generator)
        switch Int.random(in: 0..<27, using: &generator) {
        case 0..<5: return .write(vm: vm, count: Int.random(in: 1...300_000, using: &generator), seed: seed)
        case 5: return .wipe(vm: vm, seed: seed)
        case 6: return .copy(seed: seed)
        case 7: return .grow(vm: vm)
        case 8..<14:
            let codec = ["zstd", "lz4", "none"].randomElement(using: &generator) ?? "none"
            return .backUp(vm: vm, isFull: Int.random(in: 0..<5, using: &generator) == 0, codec: codec)
        case 14: return .failedBackup(vm: vm, reads: Int.random(in: 0..<4, using: &generator))
        case 15: return .killedBackup(vm: vm)
        case 16..<18: return .delete(point: Int.random(in: 0..<100, using: &generator))
        case 18..<22:
            return .prune(
                waste: [0, 25].randomElement(using: &generator) ?? 0,
                grace: Int.random(in: 0..<3, using: &generator) == 0 ? 3600 : 0,
                deletingPoint: Bool.random(using: &generator) ? Int.random(in: 0..<100, using: &generator) : nil)
        case 22: return .wait(3601)
        case 23..<25:
            let waste = [0, 25].randomElement(using: &generator) ?? 0
            return .backUpBesidePrune(vm: vm, waste: waste, deletingPoint: Int.random(in: 0..<100, using: &generator))
        case 25: return .backUpBoth(isFull: Bool.random(using: &generator))
        default: return .check
        }
    }
}
