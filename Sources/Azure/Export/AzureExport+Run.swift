package import Engine

extension AzureExport {
    /// Makes everything that the plan names. Runs on the engine's threads.
    /// - Throws: what failed first. What was made is removed then, or kept for another run when that is wanted; the message
    ///   says which, and names what is left.
    package func run() async throws(EngineError) -> AzureExported {
        guard sources.count == plan.disks.count else {
            throw EngineError(.bug, "\(sources.count) disks for a plan of \(plan.disks.count)")
        }
        let file = try JournalFile(journalPath, begin: try beginning())
        do throws(EngineError) {
            let work = try ExportWork(self, file)
            let exported = try await onBlockingThreads { try await work.run() }
            file.close(removing: true)
            return exported
        } catch {
            throw await aftermath(of: error, file)
        }
    }

    /// The journal to begin with: a new one, or that of the export that goes on.
    /// - Throws: `.alreadyExists` when another one is there that names what was made.
    private func beginning() throws(EngineError) -> AzureJournal {
        if let resumed = plan.resumed { return try AzureJournal.read(journalPath) ?? resumed }
        if let left = try AzureJournal.read(journalPath), !left.entries.isEmpty {
            let names = left.entries.map { "\($0.kind.title) \($0.name)" }.joined(separator: ", ")
            throw EngineError(
                .alreadyExists,
                "an interrupted export of \(left.vmName) has left \(names): --resume goes on with it, --discard removes it"
            )
        }
        return AzureJournal(run: ImageID.random().description, request: plan.request, place: place)
    }

    private var place: String {
        plan.mode == .uploadOnly
            ? plan.location
            : ResourceID.group(subscription.settings.resourceGroup ?? "", in: subscription.settings.subscription ?? "")
                .text
    }

    /// Cleans up, or keeps, and says so.
    private func aftermath(of error: EngineError, _ file: JournalFile) async -> EngineError {
        let isKept = plan.request.keepsPartial
        if !isKept {
            progress(.step("remove what was made"))
            let cleanup = ExportCleanup(subscription: subscription, file: file)
            await detached { await cleanup.run() }
        }
        let left = file.journal.entries
        file.close(removing: left.isEmpty)
        return error.telling(left, isKept: isKept, journal: journalPath)
    }
}

extension EngineError {
    /// The same error, saying what is left in Azure.
    fileprivate func telling(_ left: [AzureJournal.Entry], isKept: Bool, journal: String) -> EngineError {
        var text = message
        if left.isEmpty {
            text += "; nothing is left in Azure"
        } else {
            let names = left.map { "\($0.kind.title) \($0.name)\($0.isBilled ? " (billed)" : "")" }
            text += "; left in Azure: \(names.joined(separator: ", "))"
            text += isKept ? ", which --resume goes on with" : ", which could not be removed: --discard tries again"
            text += " (journal \(journal))"
        }
        var error = EngineError(kind, text, isRetryable: isRetryable)
        for place in context.reversed() { error = error.at(place) }
        return error
    }
}

extension AzureSubscription {
    /// Removes what an interrupted export has left.
    /// - Returns: what could not be removed; it stays in the journal.
    /// - Throws: `.notFound` without a journal.
    package func discard(journal path: String) async throws(EngineError) -> [AzureJournal.Entry] {
        guard let journal = try AzureJournal.read(path) else {
            throw EngineError(.notFound, "there is no journal \(path): nothing was interrupted")
        }
        let file = try JournalFile(path, begin: journal)
        await ExportCleanup(subscription: self, file: file).run()
        let left = file.journal.entries
        file.close(removing: left.isEmpty)
        return left
    }
}
