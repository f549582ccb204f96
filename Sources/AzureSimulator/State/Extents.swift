/// The bytes of a blob as runs that were written; what lies between reads as zero.
struct Extents: Sendable {
    struct Run: Sendable {
        var start: Int
        var slice: Slice
        var end: Int { start + slice.count }
    }

    /// Sorted, without overlap, none empty.
    private(set) var runs: [Run] = []
    private static let zeros = Slice([UInt8](repeating: 0, count: 1 << 20))

    init() {}

    /// One run after the other, from the start.
    init(_ slices: [Slice]) {
        var position = 0
        for slice in slices where slice.count > 0 {
            runs.append(Run(start: position, slice: slice))
            position += slice.count
        }
    }

    /// Index of the first run that ends behind `position`.
    private func index(at position: Int) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Makes a range read as zero again.
    mutating func clear(_ range: Range<Int>) {
        let first = index(at: range.lowerBound)
        var last = first
        var kept: [Run] = []
        while last < runs.count, runs[last].start < range.upperBound {
            let run = runs[last]
            if run.start < range.lowerBound {
                kept.append(Run(start: run.start, slice: run.slice.part(0..<range.lowerBound - run.start)))
            }
            if run.end > range.upperBound {
                let part = run.slice.part(range.upperBound - run.start..<run.slice.count)
                kept.append(Run(start: range.upperBound, slice: part))
            }
            last += 1
        }
        runs.replaceSubrange(first..<last, with: kept)
    }

    mutating func write(_ slice: Slice, at start: Int) {
        guard slice.count > 0 else { return }
        clear(start..<start + slice.count)
        runs.insert(Run(start: start, slice: slice), at: index(at: start))
    }

    /// The bytes of a range, zeros included.
    func read(_ range: Range<Int>) -> [Slice] {
        var output: [Slice] = []
        var position = range.lowerBound
        func fill(to end: Int) {
            while position < end {
                let count = min(end - position, Self.zeros.count)
                output.append(Self.zeros.part(0..<count))
                position += count
            }
        }
        var index = index(at: position)
        while index < runs.count, runs[index].start < range.upperBound {
            let run = runs[index]
            fill(to: max(position, run.start))
            let end = min(run.end, range.upperBound)
            output.append(run.slice.part(position - run.start..<end - run.start))
            position = end
            index += 1
        }
        fill(to: range.upperBound)
        return output
    }

    /// What of a range was written, neighbours merged.
    func written(in range: Range<Int>) -> [Range<Int>] {
        var output: [Range<Int>] = []
        for run in runs[index(at: range.lowerBound)...] {
            guard run.start < range.upperBound else { break }
            let part = max(run.start, range.lowerBound)..<min(run.end, range.upperBound)
            if let last = output.last, last.upperBound == part.lowerBound {
                output[output.count - 1] = last.lowerBound..<part.upperBound
            } else {
                output.append(part)
            }
        }
        return output
    }
}
