import Engine

/// A case's stage: an open target and a prefix of its own, emptied at the end.
struct TargetScene: Sendable {
    let place: TargetContract.Place
    let target: any Target
    private let prefix: String

    static func play(
        _ place: @escaping TargetContract.Place, _ body: @Sendable (TargetScene) async throws -> Void
    ) async throws {
        let scene = TargetScene(place: place, target: try place(), prefix: "contract/\(RandomName.make())/")
        try await scene.target.open()
        do {
            try await body(scene)
            try await scene.clear()
        } catch {
            try? await scene.clear()
            await scene.target.close()
            throw error
        }
        await scene.target.close()
    }

    func key(_ name: String) throws -> ObjectKey { try ObjectKey(prefix + name) }

    func put(_ name: String, _ bytes: [UInt8]) async throws {
        try await target.put(key(name), Buffer(bytes))
    }

    func get(_ name: String, _ range: Range<Int>? = nil) async throws -> [UInt8] {
        let output = Buffer(capacity: 24 << 20)
        try await target.get(key(name), range, into: output)
        return output.array
    }

    /// - Throws: `NotOffered` when the target has no uploads.
    func begin(_ name: String) async throws -> any ObjectUpload {
        do {
            return try await target.begin(key(name))
        } catch let error as EngineError where error.kind == .unsupported {
            throw NotOffered()
        }
    }

    /// Puts an object by appends of so many bytes, each from the same buffer.
    func upload(_ name: String, _ bytes: [UInt8], by piece: Int) async throws {
        let upload = try await begin(name)
        do {
            try await append(bytes, to: upload, by: piece)
            try await upload.finish()
        } catch {
            await upload.abandon()
            throw error
        }
    }

    /// Appends pieces from the middle of a buffer, whose bytes change between the calls.
    func append(_ bytes: [UInt8], to upload: any ObjectUpload, by piece: Int) async throws {
        let buffer = Buffer(capacity: piece + 2)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = bytes[start..<min(start + piece, bytes.count)]
            buffer.removeAll()
            buffer.append(([0xEE] + part + [0xEE]).span.bytes)
            try await upload.append(buffer, 1..<(1 + part.count))
            buffer.overwrite(at: 0, with: [UInt8](repeating: 0xDD, count: buffer.count).span.bytes)
        }
    }

    /// Names, without the case's own prefix, and sizes.
    func list(_ namePrefix: String) async throws -> [(name: String, size: Int)] {
        try await target.list(prefix: prefix + namePrefix).map { object in
            (String(object.key.text.dropFirst(prefix.count)), object.size)
        }
    }

    /// Puts an object and says when, as the listing has it.
    func putAndListTime(_ name: String) async throws -> Timestamp {
        try await put(name, [1])
        guard let object = try await target.list(prefix: prefix + name).first else {
            throw ContractFailure("\(name) is not listed after its put")
        }
        return object.modified
    }

    private func clear() async throws {
        for object in try await target.list(prefix: prefix) { try await target.delete(object.key) }
    }
}
