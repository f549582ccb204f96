/// The repository's `config` object: what every reader and writer must agree on. Never changed after creation.
package struct RepositoryConfiguration: Codable, Sendable {
    /// 32 hexadecimal digits; tells repositories apart.
    package let repository: String
    package let created: Timestamp
    package let chunker: ChunkerChoice
    /// Of a chunk's or node's id: `sha256`.
    package let hash: String
    /// Of stored bytes: `xxh64`.
    package let checksum: String
    package let encryption: Encryption
    /// Bytes of disk described by one leaf.
    package let leafSpan: Int
    package let fanOut: Int

    package struct Encryption: Codable, Sendable, Equatable {
        /// `none` or `aes-256-gcm`.
        package let scheme: String
    }

    package var isEncrypted: Bool { encryption.scheme != EncryptionScheme.none }

    /// - Throws: `.configuration` for a chunker that the format cannot hold.
    package init(
        chunker: ChunkerChoice, isEncrypted: Bool, created: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) throws(EngineError) {
        repository = PackID.random(using: &generator).description
        self.created = created
        self.chunker = chunker
        hash = "sha256"
        checksum = "xxh64"
        encryption = Encryption(scheme: isEncrypted ? EncryptionScheme.aes256GCM : EncryptionScheme.none)
        leafSpan = RepositoryFormat.leafSpan
        fanOut = RepositoryFormat.fanOut
        _ = try chunker.chunker()
    }

    static let document = SealedDocument<RepositoryConfiguration>(kind: "CONFIG", what: "the repository's `config`")

    /// - Throws: `.unsupported`, naming what this version does not know.
    func checkSupported() throws(EngineError) {
        func refuse(_ what: String) -> EngineError {
            EngineError(.unsupported, "the repository uses \(what), which this version does not know: update it")
        }
        guard [EncryptionScheme.none, EncryptionScheme.aes256GCM].contains(encryption.scheme) else {
            throw refuse("encryption scheme `\(encryption.scheme)`")
        }
        guard ChunkerChoice.types.contains(chunker.type) else { throw refuse("chunker `\(chunker.type)`") }
        guard hash == "sha256" else { throw refuse("hash `\(hash)`") }
        guard checksum == "xxh64" else { throw refuse("checksum `\(checksum)`") }
        guard leafSpan == RepositoryFormat.leafSpan, fanOut == RepositoryFormat.fanOut else {
            throw refuse("another shape of trees")
        }
        _ = try chunker.chunker(orThrow: .unsupported)
    }
}
