package import Logging

extension Repository {
    /// Makes an empty repository at an open target. Its first key slot is durable before the `config` that makes it one;
    /// a crash between leaves a slot that no repository counts as its own.
    /// - Parameter key: nil for a repository without encryption.
    /// - Throws: `.alreadyExists` when there is one, or anything else that looks like a repository's.
    package static func create(
        on target: any Target, chunker: ChunkerChoice, key: FirstKey? = nil
    ) async throws(EngineError) {
        guard try await target.size(of: ObjectLayout.configuration) == nil else {
            throw EngineError(.alreadyExists, "there is a repository already; nothing was changed")
        }
        guard try await target.list(prefix: ObjectLayout.manifests).isEmpty else {
            throw EngineError(
                .alreadyExists, "there are restore points but no `config`: restore that object instead of starting anew"
            )
        }
        var generator = SystemRandomNumberGenerator()
        let configuration = try RepositoryConfiguration(
            chunker: chunker, isEncrypted: key != nil, created: .now(), using: &generator)
        if let key {
            let ring = KeyRing.random(using: &generator)
            let slot = try await onBlockingThreads {
                try KeySlot(
                    wrapping: ring, under: key.passphrase, repository: configuration.repository, label: key.label,
                    cost: key.cost)
            }
            try await KeySlots(target: target, repository: configuration.repository).put(slot)
        }
        try await target.put(ObjectLayout.configuration, RepositoryConfiguration.document.seal(configuration))
    }

    /// Opens the repository at an open target; reads its configuration, its key slots if it is encrypted, and nothing
    /// else.
    /// - Throws: `.notFound` when there is none, `.corrupt`, `.unsupported`. Of an encrypted one `.locked` when no
    ///   passphrase is configured or no slot is there, `.denied` when the passphrase is wrong. `.configuration` when a
    ///   passphrase is configured for one that is not encrypted.
    package static func open(
        on target: any Target, codecs: CodecSet, logger: Logger, keys: KeyChoice = .plain
    ) async throws(EngineError) -> Repository {
        let bytes: Buffer
        do {
            bytes = try await target.get(ObjectLayout.configuration, limit: RepositoryFormat.documentLimit)
        } catch  where error.kind == .notFound {
            throw EngineError(.notFound, "there is no repository here; make one with `ahvault repository init`")
        }
        let configuration = try RepositoryConfiguration.document.open(bytes.array)
        try configuration.checkSupported()
        let protection = try await protection(of: configuration, on: target, keys, logger)
        return Repository(
            configuration: configuration, target: target, codecs: codecs, logger: logger, protection: protection)
    }

    private static func protection(
        of configuration: RepositoryConfiguration, on target: any Target, _ keys: KeyChoice, _ logger: Logger
    ) async throws(EngineError) -> ContentProtection {
        switch (keys, configuration.isEncrypted) {
        case (.plain, false), (.none, false): return .plain
        case (.none, true): return .locked
        case (.plain, true): throw ContentProtection.noPassphrase
        case (.passphrase, false):
            throw EngineError(
                .configuration,
                "the repository is not encrypted, but the configuration has `encryption` for it: what it holds would be "
                    + "stored in clear. Take the block out, or make a new repository with it")
        case (.passphrase(let passphrase), true):
            let slots = KeySlots(target: target, repository: configuration.repository)
            let listing = try await slots.list()
            for (id, error) in listing.unreadable { logger.warning("\(ObjectLayout.key(id)): \(error)") }
            return ContentProtection(try await slots.open(passphrase, among: listing).ring)
        }
    }
}
