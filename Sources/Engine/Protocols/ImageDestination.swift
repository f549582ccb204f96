/// Where an image is written to: one place for all its files, which appear together or not at all.
public protocol ImageDestination: Sendable {
    /// The name that the image's first file will have, without its folder.
    var name: String { get }

    /// Whether bytes can only be appended, and there is only one file.
    var isStream: Bool { get }

    /// Begins a file of the image; the first one is called `name`.
    func begin(_ file: String) async throws(EngineError) -> any ImageSink

    /// Makes the finished files appear under their names. Until then nobody can take them for an image.
    /// - Throws: `.alreadyExists` when a name is taken that may not be.
    func commit() async throws(EngineError)

    /// Removes what was written; safe to call at any time, and after a failed `commit`.
    func abandon() async
}

/// One file of an image while it is written. One task uses it.
public protocol ImageSink: Sendable {
    /// Writes the bytes `range` of `buffer` at `offset`. What nobody writes reads as zeros.
    ///
    /// Offsets ascend and do not overlap where the destination is a stream: a pipe, or an object that is put in parts.
    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError)

    /// Ends the file, which has `size` bytes: at least as many as were written.
    func finish(size: UInt64) async throws(EngineError)
}

extension ImageSink {
    /// Writes a few bytes, such as a header.
    public func write(_ bytes: [UInt8], at offset: UInt64) async throws(EngineError) {
        guard !bytes.isEmpty else { return }
        try await write(Buffer(bytes), 0..<bytes.count, at: offset)
    }
}
