import Engine

/// Brings one disk into its blob: from the beginning, or from where an interrupted export was.
struct PageUpload: Sendable {
    let store: any PageStore
    let disk: AzurePlan.Disk
    let source: AzureExport.Source
    let parallelism: Int
    /// In front of all uploads of the export.
    let line: WaitingLine
    let keepsSums: Bool
    let journal: JournalFile
    /// Whether this run made the blob.
    let isFresh: Bool
    let progress: AzureProgressSink

    struct Done: Sendable {
        let ledger: UploadLedger
        /// Bytes of the disk that were there before.
        let resumed: UInt64
    }

    /// The disk as long as Azure wants it.
    var padded: PaddedDisk { PaddedDisk(disk: source.reader, size: max(disk.size, source.reader.size)) }

    /// - Throws: what reading, writing or Azure fails with; the mark in the journal is up to date then.
    func run() async throws(EngineError) -> Done {
        let size = try await store.size()
        guard size == disk.uploadSize else {
            throw EngineError(
                .failed, "\(store.name) has \(size) bytes, and the image of disk \(disk.label) has \(disk.uploadSize)")
        }
        let mark = try await start()
        let name = disk.name
        let ledger = UploadLedger(mark, keepsSums: keepsSums) { [journal] mark throws(EngineError) in
            try journal.mark(name, mark)
        }
        try await write(ledger)
        var complete = ledger.mark
        complete.isComplete = true
        try journal.mark(name, complete)
        return Done(ledger: ledger, resumed: mark.done)
    }

    /// Where to go on: the journal's mark, if the pages that it speaks of are there.
    private func start() async throws(EngineError) -> AzureJournal.Mark {
        var mark = journal.mark(disk.name)
        guard mark.done > 0 else { return mark }
        let present = try await PresentPages(store, size: disk.uploadSize, isFresh: false).count(before: mark.done)
        if present < mark.written { (mark.done, mark.written) = (0, 0) }
        return mark
    }

    private func write(_ ledger: UploadLedger) async throws(EngineError) {
        let padded = padded
        let done = ledger.mark.done
        let reader: any BlockReader = done > 0 ? ResumedDisk(disk: padded, done: done) : padded
        let destination = PageDestination(
            store, size: disk.uploadSize, of: padded, parallelism: parallelism, line: line, ledger: ledger,
            isFresh: isFresh)
        let (label, total, progress) = (disk.label, disk.size, progress)
        do {
            let image = try await source.format.write(reader, to: destination) { done in
                progress(.disk(label: label, done: done, total: total, sent: ledger.sentBytes))
            }
            guard image.diskSize == disk.size, image.fileSize == disk.uploadSize else {
                throw EngineError(
                    .bug, "disk \(label) became a VHD of \(image.fileSize) bytes, not \(disk.uploadSize)")
            }
            try await destination.commit()
        } catch {
            await detached { await destination.abandon() }
            try ledger.noteNow()
            throw EngineError(error)
        }
    }
}
