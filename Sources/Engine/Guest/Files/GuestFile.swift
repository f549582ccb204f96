/// The bytes of a file, wherever its file system has put them.
package struct GuestFile: Sendable {
    /// A part of a file.
    struct Run: Sendable, Equatable {
        /// Of the file.
        let start: UInt64
        /// Bytes.
        let count: UInt64
        /// Of the volume; nil reads as zeros.
        let place: UInt64?

        var end: UInt64 { start + count }
    }

    private enum Storage: Sendable {
        case inline([UInt8])
        case runs([Run], GuestVolume)
    }

    package let size: UInt64
    private let storage: Storage

    /// Files that are longer are none that anybody looks into.
    static let limit: UInt64 = 4 << 30

    init(_ bytes: [UInt8]) {
        size = UInt64(bytes.count)
        storage = .inline(bytes)
    }

    /// What no run covers reads as zeros.
    /// - Parameter runs: in any order.
    /// - Throws: `.corrupt` when two runs hold the same part of the file, or one lies behind the volume's end.
    init(size: UInt64, _ runs: [Run], on volume: GuestVolume) throws(EngineError) {
        let runs = runs.filter { $0.count > 0 }.sorted { $0.start < $1.start }
        var position: UInt64 = 0
        for run in runs {
            let (end, overflow) = run.start.addingReportingOverflow(run.count)
            guard !overflow, run.start >= position else {
                throw EngineError(.corrupt, "\(volume.name): two pieces of a file overlap")
            }
            if let place = run.place, place > volume.size || run.count > volume.size - place {
                throw EngineError(.corrupt, "\(volume.name): a piece of a file lies behind the end")
            }
            position = end
        }
        self.size = size
        storage = .runs(runs, volume)
    }

    /// In order; none of a file that its file system keeps elsewhere.
    var runs: [Run] {
        guard case .runs(let runs, _) = storage else { return [] }
        return runs
    }

    /// At most `count` bytes, fewer at the file's end.
    package func bytes(at offset: UInt64, count: Int) async throws(EngineError) -> [UInt8] {
        guard offset < size, count > 0 else { return [] }
        let end = offset + min(UInt64(count), size - offset)
        switch storage {
        case .inline(let bytes): return Array(bytes[Int(offset)..<Int(end)])
        case .runs(let runs, let volume): return try await Self.read(ByteRange(offset, end), runs, volume)
        }
    }

    /// All of it, or its beginning when it is longer than `limit`.
    package func bytes(limit: Int) async throws(EngineError) -> [UInt8] { try await bytes(at: 0, count: limit) }

    private static func read(
        _ range: ByteRange, _ runs: [Run], _ volume: GuestVolume
    ) async throws(EngineError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Int(range.count))
        var position = range.start
        var index = first(endingBehind: position, in: runs)
        while position < range.end, index < runs.count, runs[index].start < range.end {
            let run = runs[index]
            if run.start > position {
                result += repeatElement(0, count: Int(run.start - position))
                position = run.start
            }
            let end = min(run.end, range.end)
            if let place = run.place {
                result += try await volume.bytes(at: place + (position - run.start), count: Int(end - position))
            } else {
                result += repeatElement(0, count: Int(end - position))
            }
            position = end
            index += 1
        }
        result += repeatElement(0, count: Int(range.end - position))
        return result
    }

    private static func first(endingBehind position: UInt64, in runs: [Run]) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
