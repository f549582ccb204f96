/// Puts the parity of packs beside them.
///
/// The parity of a pack is written after the pack is durable and before an index run lists it. A crash in between leaves
/// a pack without parity; `repository repair` makes it up.
package struct ParityWriter: Sendable {
    let target: any Target
    let coder: any ParityCoder

    package init(target: any Target, coder: any ParityCoder) {
        self.target = target
        self.coder = coder
    }

    /// Nil when there is to be no parity.
    /// - Throws: `.unsupported` when this program cannot write it.
    init?(if isWanted: Bool, _ repository: Repository) throws(EngineError) {
        guard isWanted else { return nil }
        guard let coder = repository.codecs.parity else {
            throw EngineError(.unsupported, "this program writes no parity: take `parity` out of the configuration")
        }
        self.init(target: repository.target, coder: coder)
    }

    /// - Returns: bytes put.
    /// - Throws: what the target throws.
    @discardableResult
    package func put(_ id: PackID, _ kind: PackKind, _ pack: Buffer) async throws(EngineError) -> Int {
        let object = pack.withBytes { ParityObject.encoded(of: id, kind, $0, by: coder) }
        do {
            try await target.put(ObjectLayout.parity(id), object)
        } catch  where error.kind == .alreadyExists {
            return 0
        }
        return object.count
    }
}
