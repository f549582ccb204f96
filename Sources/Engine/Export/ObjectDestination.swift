import Synchronization

/// An object of a target that an image is streamed into: it is there when it is whole, or not at all.
final class ObjectDestination: ImageDestination {
    let name: String
    let isStream = true
    private let key: ObjectKey
    private let target: any Target
    private let upload = Mutex<(any ObjectUpload)?>(nil)

    init(_ key: ObjectKey, at target: any Target) {
        self.key = key
        self.target = target
        name = key.lastPart
    }

    func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        guard upload.withLock({ $0 == nil }) else { throw EngineError(.bug, "a second file, \(file), in one object") }
        let begun = try await target.begin(key)
        upload.withLock { $0 = begun }
        return ObjectSink(begun)
    }

    func commit() async throws(EngineError) {
        let begun = upload.withLock { $0 }
        try await begun?.finish()
    }

    func abandon() async {
        let begun = upload.withLock { $0 }
        await begun?.abandon()
    }

    /// Puts the text with the digests beside the image.
    func putChecksums(_ text: String) async throws(EngineError) {
        try await target.put(try ObjectKey(key.text + ChecksumFile.suffix), Buffer(Array(text.utf8)))
    }
}

private final class ObjectSink: ImageSink {
    private let upload: any ObjectUpload
    private let position = Mutex<UInt64>(0)
    private let zeros: Buffer

    init(_ upload: any ObjectUpload) {
        self.upload = upload
        zeros = Buffer(capacity: 1 << 20)
        zeros.appendZeros(zeros.capacity)
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        try await fill(to: offset)
        try await upload.append(buffer, range)
        position.withLock { $0 += UInt64(range.count) }
    }

    func finish(size: UInt64) async throws(EngineError) { try await fill(to: size) }

    private func fill(to offset: UInt64) async throws(EngineError) {
        let now = position.withLock { $0 }
        guard offset >= now else { throw EngineError(.bug, "bytes at \(offset) of an object that is at \(now)") }
        var missing = offset - now
        while missing > 0 {
            let count = Int(min(missing, UInt64(zeros.count)))
            try await upload.append(zeros, 0..<count)
            missing -= UInt64(count)
        }
        position.withLock { $0 = offset }
    }
}
