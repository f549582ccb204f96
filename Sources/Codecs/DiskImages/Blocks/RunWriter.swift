import Engine

/// Joins writes that follow each other both in a buffer and in the file. One task uses it.
final class RunWriter {
    private let sink: any ImageSink
    private var buffer: Buffer?
    private var range = 0..<0
    private var offset: UInt64 = 0

    init(to sink: any ImageSink) { self.sink = sink }

    /// - Precondition: the buffer stays as it is until `flush` is called.
    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        if self.buffer === buffer, self.range.upperBound == range.lowerBound,
            self.offset + UInt64(self.range.count) == offset
        {
            self.range = self.range.lowerBound..<range.upperBound
            return
        }
        try await flush()
        (self.buffer, self.range, self.offset) = (buffer, range, offset)
    }

    /// Writes what is kept.
    func flush() async throws(EngineError) {
        guard let buffer else { return }
        self.buffer = nil
        try await sink.write(buffer, range, at: offset)
    }
}
