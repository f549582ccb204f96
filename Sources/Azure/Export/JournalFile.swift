import Engine
import Glibc
import Synchronization

/// The journal of a run that is going on: every change is durable before it counts. One run at a time has it.
final class JournalFile: Sendable {
    let path: String
    private let lock: OpenFile
    private let state: Mutex<AzureJournal>

    /// Takes the journal.
    /// - Throws: `.failed` when another export has it.
    init(_ path: String, begin: AzureJournal) throws(EngineError) {
        self.path = path
        lock = try OpenFile(path + ".lock", O_RDWR | O_CREAT)
        state = Mutex(begin)
        if lock.lock(waits: false) == .taken {
            throw EngineError(.failed, "another export with the journal \(path) is going on")
        }
        try begin.write(path)
    }

    var journal: AzureJournal { state.withLock { $0 } }

    func change(_ body: (inout AzureJournal) -> Void) throws(EngineError) {
        try state.withLock { journal throws(EngineError) in
            body(&journal)
            try journal.write(path)
        }
    }

    /// Notes that a resource is about to be made.
    func making(_ id: ResourceID) throws(EngineError) {
        try change { journal in
            guard !journal.entries.contains(where: { $0.id == id.text }) else { return }
            journal.entries.append(
                AzureJournal.Entry(kind: id.kind, name: id.name, id: id.text, state: .making))
        }
    }

    func made(_ id: ResourceID) throws(EngineError) {
        try change { journal in
            guard let index = journal.entries.firstIndex(where: { $0.id == id.text }) else { return }
            journal.entries[index].state = .made
        }
    }

    /// It is not there any more, or never was.
    func forget(_ id: ResourceID) throws(EngineError) {
        try change { journal in journal.entries.removeAll { $0.id == id.text } }
    }

    func isNoted(_ id: ResourceID) -> Bool { journal.entries.contains { $0.id == id.text } }

    func mark(_ disk: String) -> AzureJournal.Mark { journal.marks[disk] ?? AzureJournal.Mark() }

    func mark(_ disk: String, _ mark: AzureJournal.Mark) throws(EngineError) {
        try change { $0.marks[disk] = mark }
    }

    /// Gives the journal back; it stays when there is something in it.
    func close(removing: Bool) {
        if removing {
            unlink(path)
            unlink(path + ".lock")
        }
        lock.unlock()
    }
}
