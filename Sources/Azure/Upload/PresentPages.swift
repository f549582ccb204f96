import Engine

/// Which pages a blob has already, asked for as far ahead as is needed. One task uses it, with ascending ranges.
final class PresentPages {
    private let store: any PageStore
    private let size: UInt64
    /// Whether nobody has written to it, so that a list that cannot be had counts as empty.
    private let isFresh: Bool
    private var window = ByteRange(0, 0)
    private var pages: [ByteRange] = []

    init(_ store: any PageStore, size: UInt64, isFresh: Bool) {
        self.store = store
        self.size = size
        self.isFresh = isFresh
    }

    /// Those in `range`, which lies within one slot.
    func pages(in range: ByteRange) async throws(EngineError) -> [ByteRange] {
        try await load(range.start)
        return RangeList.cut(pages, to: range)
    }

    /// The first ones in `range`, however long that is; nil when there are none.
    func next(in range: ByteRange) async throws(EngineError) -> ByteRange? {
        var start = range.start
        while start < range.end {
            try await load(start)
            let part = ByteRange(start, min(range.end, window.end))
            if let found = RangeList.cut(pages, to: part).first { return found }
            start = part.end
        }
        return nil
    }

    /// Bytes of pages before `end`.
    func count(before end: UInt64) async throws(EngineError) -> UInt64 {
        var count: UInt64 = 0
        var start: UInt64 = 0
        while start < end {
            try await load(start)
            count += RangeList.count(RangeList.cut(pages, to: ByteRange(start, min(end, window.end))))
            start = window.end
        }
        return count
    }

    private func load(_ offset: UInt64) async throws(EngineError) {
        guard offset < window.start || offset >= window.end else { return }
        let start = offset / PageLayout.window * PageLayout.window
        let next = ByteRange(start, max(offset, min(start + PageLayout.window, size)))
        do throws(EngineError) {
            pages = try await store.written(in: next)
        } catch {
            guard isFresh, error.kind != .cancelled, error.kind != .denied else { throw error }
            pages = []
        }
        window = next
    }
}
