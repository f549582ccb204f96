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
        let output = Buffer(capacity: 16 << 20)
        try await target.get(key(name), range, into: output)
        return output.array
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
