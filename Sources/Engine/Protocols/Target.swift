/// A place that keeps immutable objects. Every sentence here has a case in `TargetContract`.
///
/// Calls come from several tasks at once. A target may block: the engine calls it on threads of its own.
public protocol Target: Plugin {
    /// The layers that lie around this target where the configuration has no `layers`, outermost first: none unless a
    /// target says otherwise.
    static var usualLayers: [PluginChoice] { get }

    /// What this place promises beyond the minimum.
    var capabilities: TargetCapabilities { get }

    /// Connects, and prepares the place if it is empty. Other calls come only between `open` and `close`.
    func open() async throws(EngineError)

    /// Keeps `content` under `key`. When this returns, a crash of the machine loses nothing.
    ///
    /// Nobody ever sees a part of an object: it is there whole, or not at all.
    /// - Throws: `.alreadyExists` when there is an object of that key, which stays as it is; `.noSpace`.
    func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError)

    /// Begins to put an object of unknown size piece by piece. It does not look whether there is one of that key, which
    /// only `ObjectUpload.finish` finds out: who wants to know sooner asks for the size.
    /// - Throws: `.unsupported` when this target has no such way.
    func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload

    /// Appends exactly the bytes of `range`, or the whole object, to `output`.
    /// - Throws: `.notFound`; `.corrupt` when the object is shorter than the range or does not fit into `output`.
    func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError)

    /// The object's size in bytes, nil when there is none.
    func size(of key: ObjectKey) async throws(EngineError) -> Int?

    /// Deleting what is absent is no error.
    func delete(_ key: ObjectKey) async throws(EngineError)

    /// Every object whose key starts with `prefix`, in byte order. What `put` returned for is listed.
    func list(prefix: String) async throws(EngineError) -> [ListedObject]

    /// Removes what interrupted puts and uploads left behind, if nothing can still be at work on it. Returns how many.
    func sweep() async throws(EngineError) -> Int

    /// Ends the connection; safe to call twice and after a failed `open`.
    func close() async
}

/// What a target promises beyond the minimum.
public struct TargetCapabilities: Sendable, Equatable {
    /// Puts of one key by two writers at once: exactly one succeeds.
    public var hasAtomicCreate: Bool
    /// Uploads of one key that two writers finish at once: exactly one succeeds. Otherwise both may, and the object is
    /// what one of them wrote.
    public var hasAtomicUpload: Bool
    /// How many requests in flight use this target well.
    public var parallelism: Int

    /// - Parameter hasAtomicUpload: as `hasAtomicCreate` when it is left out.
    public init(hasAtomicCreate: Bool, hasAtomicUpload: Bool? = nil, parallelism: Int) {
        self.hasAtomicCreate = hasAtomicCreate
        self.hasAtomicUpload = hasAtomicUpload ?? hasAtomicCreate
        self.parallelism = parallelism
    }
}

/// An object as a listing shows it.
public struct ListedObject: Sendable, Equatable {
    public let key: ObjectKey
    /// Bytes.
    public let size: Int
    /// When it was put, by the clock of the place, which may differ from this machine's.
    public let modified: Timestamp

    public init(key: ObjectKey, size: Int, modified: Timestamp) {
        self.key = key
        self.size = size
        self.modified = modified
    }
}

extension Target {
    public static var usualLayers: [PluginChoice] { [] }

    public func sweep() async throws(EngineError) -> Int { 0 }

    public func begin(_ key: ObjectKey) async throws(EngineError) -> any ObjectUpload {
        throw EngineError(
            .unsupported, "cannot put \(key) piece by piece: the target `\(Self.name)` takes only objects of known size"
        )
    }

    /// The whole object, at most `limit` bytes of it.
    /// - Throws: `.notFound`; `.corrupt` when it is larger than `limit`.
    public func get(_ key: ObjectKey, limit: Int) async throws(EngineError) -> Buffer {
        guard let size = try await size(of: key) else {
            throw EngineError(.notFound, "\(key) is not there")
        }
        guard size <= limit else {
            throw EngineError(.corrupt, "\(key) has \(size) bytes, more than the \(limit) such an object can have")
        }
        let output = Buffer(capacity: max(size, 1))
        try await get(key, 0..<size, into: output)
        return output
    }
}
