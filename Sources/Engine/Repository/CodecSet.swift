/// Every codec of this build by its wire id, for decoding: a repository may hold blobs of several. And what computes
/// parity.
package struct CodecSet: Sendable {
    /// Nil in a program without parity: damaged packs are not healed.
    package let parity: (any ParityCoder)?
    private let codecs: [UInt8: any Codec]

    /// - Throws: `.configuration` when a codec refuses its own defaults, a mistake of its author.
    package init(
        _ registry: Registry<any Codec>, in context: PluginContext, parity: (any ParityCoder)? = nil
    ) throws(EngineError) {
        var codecs: [UInt8: any Codec] = [:]
        for entry in registry.entries {
            let codec = try registry.make(
                PluginChoice(type: entry.name, settings: .empty(at: "defaults")), in: context)
            codecs[type(of: codec).wireID] = codec
        }
        self.codecs = codecs
        self.parity = parity
    }

    /// - Throws: `.unsupported` for an id that this build does not have.
    func codec(_ wireID: UInt8) throws(EngineError) -> any Codec {
        guard let codec = codecs[wireID] else {
            throw EngineError(.unsupported, "codec \(wireID) is not part of this build: update it")
        }
        return codec
    }
}
