import Engine

/// How often each cluster of a part of the file is used, and for what.
struct QCOW2UseWindow {
    /// Numbers of clusters.
    let range: ByteRange
    private let clusterSize: UInt64
    /// The use in the highest three bits, the count in the others.
    private var uses: [UInt32]

    private static let countMask: UInt32 = (1 << 29) - 1

    init(_ range: ByteRange, clusterSize: UInt64) {
        self.range = range
        self.clusterSize = clusterSize
        uses = [UInt32](repeating: 0, count: Int(range.count))
    }

    func count(of cluster: UInt64) -> UInt64 { UInt64(uses[Int(cluster - range.start)] & Self.countMask) }

    /// Counts the clusters in which `bytes` of the file lie.
    mutating func add(
        _ bytes: ByteRange, _ use: QCOW2Use, times: UInt32 = 1, named place: UInt64, _ check: inout ImageCheck
    ) {
        guard !bytes.isEmpty else { return }
        let touched = ByteRange(bytes.start / clusterSize, (bytes.end - 1) / clusterSize + 1)
        guard let inside = touched.intersection(range) else { return }
        for cluster in inside.start..<inside.end {
            let index = Int(cluster - range.start)
            let before = QCOW2Use(rawValue: uses[index] >> 29) ?? .nothing
            if before != .nothing, !before.canShare(with: use) {
                check.error(
                    at: place, "the cluster at \(cluster * clusterSize) is used for \(before.name) and for \(use.name)")
            }
            let count = min(uses[index] & Self.countMask &+ times, Self.countMask)
            uses[index] = (before == .nothing ? use : before).rawValue << 29 | count
        }
    }
}
