import Synchronization

/// Keeps nothing of an image but its size.
final class MeasuringDestination: ImageDestination, ImageSink {
    let name: String
    let isStream = true
    private let end = Mutex<UInt64>(0)

    init(name: String) { self.name = name }

    /// Bytes of the finished image.
    var size: UInt64 { end.withLock { $0 } }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink { self }
    func commit() async throws(EngineError) {}
    func abandon() async {}
    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {}
    func finish(size: UInt64) async throws(EngineError) { end.withLock { $0 = size } }
}
