/// The range a request names: `bytes=A-B`, or `bytes=A-` to the end.
struct ByteRange: Sendable {
    let first: Int
    /// Inclusive; nil to the end.
    let last: Int?

    /// The range of a request; `x-ms-range` goes before `Range`. nil when there is none.
    ///
    /// - Throws: `InvalidHeaderValue`.
    init?(_ call: Call) throws(AzureError) {
        let name = call["x-ms-range"] != nil ? "x-ms-range" : "range"
        guard let text = call[name] else { return nil }
        let pieces =
            text.hasPrefix("bytes=") ? text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false) : []
        guard pieces.count == 2, let first = Int(pieces[0]), first >= 0 else { throw .invalidHeader(name, text) }
        self.first = first
        if pieces[1].isEmpty {
            last = nil
        } else {
            guard let last = Int(pieces[1]), last >= first, last < 1 << 50 else { throw .invalidHeader(name, text) }
            self.last = last
        }
    }

    /// The part of it that there is; nil when there is none.
    func clamped(to size: Int) -> Range<Int>? {
        guard first < size else { return nil }
        return first..<min(size, last.map { $0 + 1 } ?? size)
    }
}
