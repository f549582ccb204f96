import Engine

/// Writes the entries of a table one behind the other, a page at a time. One task uses it.
final class TableWriter {
    private let sink: any ImageSink
    private let page = Buffer(capacity: 64 << 10)
    private var position: UInt64

    init(to sink: any ImageSink, at offset: UInt64) {
        self.sink = sink
        position = offset
    }

    func append(big value: UInt32) async throws(EngineError) { try await append(value.bigEndian) }

    func append(little32 value: UInt32) async throws(EngineError) { try await append(value.littleEndian) }

    func append(little value: UInt64) async throws(EngineError) { try await append(value.littleEndian) }

    /// Writes what is left.
    func flush() async throws(EngineError) {
        guard page.count > 0 else { return }
        try await sink.write(page, 0..<page.count, at: position)
        position += UInt64(page.count)
        page.removeAll()
    }

    private func append(_ value: some FixedWidthInteger & BitwiseCopyable) async throws(EngineError) {
        let count = value.bitWidth / 8
        if page.room < count { try await flush() }
        page.append(upTo: count) { space in
            space.storeBytes(of: value, as: type(of: value))
            return count
        }
    }
}
