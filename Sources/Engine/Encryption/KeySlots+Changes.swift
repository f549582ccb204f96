extension KeySlots {
    /// Lets one more passphrase open the repository.
    /// - Throws: `.failed` when the keys were changed at the same time; then nothing was added.
    package func add(
        _ passphrase: Passphrase, label: String, using open: OpenKeySlot, cost: KeyDerivation.Cost = .usual
    ) async throws(EngineError) -> KeySlot {
        try await checkNewest(open, list())
        let slot = try await slot(of: open.ring, passphrase, label: label, cost: cost)
        try await put(slot)
        guard try await list().newestGeneration == slot.generation else {
            try await target.delete(ObjectLayout.key(slot.id))
            throw EngineError(.failed, "the keys were changed meanwhile: nothing was added, try again")
        }
        return slot
    }

    /// Takes a slot away: its passphrase opens nothing any more. Who copied slot and passphrase before keeps the keys;
    /// only `rotate` keeps what is written from then on from them.
    ///
    /// The slot that the caller's passphrase opened cannot be removed, so the last one never is.
    /// - Throws: `.notFound`, `.configuration` for the caller's own slot, `.locked` when the caller's is not of the newest
    ///   generation.
    package func remove(_ id: String, using open: OpenKeySlot) async throws(EngineError) {
        let listing = try await list()
        guard id != open.slot.id else {
            throw EngineError(
                .configuration,
                "key \(id) is the one that the configured passphrase opens: configure another one first, add it if need be"
            )
        }
        guard listing.slots.contains(where: { $0.id == id }) || listing.unreadable.contains(where: { $0.id == id })
        else { throw EngineError(.notFound, "there is no key \(id): see `ahvault repository key list`") }
        try checkNewest(open, listing)
        try await target.delete(ObjectLayout.key(id))
        // Somebody else may have removed the caller's slot at the same moment.
        guard try await !list().slots.contains(where: { $0.id == open.slot.id }) else { return }
        try await put(open.slot)
    }

    /// What `rotate` did.
    package struct Rotation: Sendable {
        /// The slots of the new generation.
        package var slots: [KeySlot] = []
        /// Ids of the slots that were deleted.
        package var removed: [String] = []
        /// Slots that somebody else added meanwhile: they do not open what is written from now on.
        package var leftBehind: [KeySlot] = []
    }

    /// Makes a new master key, under which everything is encrypted from now on, and new slots for the passphrases given.
    /// Nothing that is stored is written again: the ring keeps the keys before.
    ///
    /// Killed at any instant, each passphrase still opens the repository as it did, or as it will; run again then.
    /// - Parameters:
    ///   - others: further passphrases that shall open the repository as before.
    ///   - removingOthers: whether slots whose passphrase is not given may go.
    /// - Throws: `.configuration` when such slots are there and may not go, `.denied` for a passphrase of no slot,
    ///   `.failed` when somebody else rotates at the same time.
    package func rotate(
        _ open: OpenKeySlot, also others: [Passphrase], removingOthers: Bool, cost: KeyDerivation.Cost = .usual
    ) async throws(EngineError) -> Rotation {
        let listing = try await list()
        try checkNewest(open, listing)
        var labels: [(Passphrase, String)] = [(open.passphrase, open.slot.label)]
        for passphrase in others {
            labels.append((passphrase, try await self.open(passphrase, among: listing).slot.label))
        }
        if !removingOthers { try await checkCovered(listing, labels.map(\.0)) }
        var generator = SystemRandomNumberGenerator()
        let ring = try open.ring.rotated(using: &generator)
        var rotation = Rotation()
        for (number, (passphrase, label)) in labels.enumerated() {
            let slot = try await slot(
                of: ring, passphrase, id: number == 0 ? Self.firstID(ofGeneration: ring.generation) : nil, label: label,
                cost: cost)
            do throws(EngineError) {
                try await put(slot)
            } catch  where error.kind == .alreadyExists {
                throw EngineError(.failed, "somebody else rotates the keys right now: try again", isRetryable: true)
            }
            rotation.slots.append(slot)
        }
        for id in listing.slots.map(\.id) + listing.unreadable.map(\.id) {
            try await target.delete(ObjectLayout.key(id))
            rotation.removed.append(id)
        }
        rotation.leftBehind = try await list().slots.filter { $0.generation < ring.generation }
        return rotation
    }

    /// The name of the first slot of a generation. It is the same for all who rotate, so that only one of them makes the
    /// generation's key.
    static func firstID(ofGeneration generation: UInt16) -> String {
        String(Hex.text(UInt64(generation)).suffix(4)) + String(repeating: "0", count: 12)
    }

    private func slot(
        of ring: KeyRing, _ passphrase: Passphrase, id: String? = nil, label: String, cost: KeyDerivation.Cost
    ) async throws(EngineError) -> KeySlot {
        let repository = repository
        return try await onBlockingThreads {
            try KeySlot(
                wrapping: ring, under: passphrase, repository: repository, id: id, label: label, cost: cost)
        }
    }

    private func checkNewest(_ open: OpenKeySlot, _ listing: Listing) throws(EngineError) {
        guard let newer = listing.slots.first, newer.generation > open.slot.generation else { return }
        throw EngineError(
            .locked,
            "the configured passphrase opens key generation \(open.slot.generation), but key \(newer.id) is of "
                + "generation \(newer.generation): configure a passphrase of that one")
    }

    private func checkCovered(_ listing: Listing, _ passphrases: [Passphrase]) async throws(EngineError) {
        var left = listing.unreadable.map(\.id)
        for slot in listing.slots {
            var isCovered = false
            for passphrase in passphrases where !isCovered {
                isCovered = try await onBlockingThreads { try slot.open(passphrase) != nil }
            }
            if !isCovered { left.append(slot.label.isEmpty ? slot.id : "\(slot.id) (\(slot.label))") }
        }
        guard left.isEmpty else {
            throw EngineError(
                .configuration,
                "nothing was changed: no passphrase was given for key \(left.joined(separator: ", ")). Give each with "
                    + "`--also`, or let these keys go with `--remove-other-keys`")
        }
    }
}
