package import Engine
import FoundationEssentials
import Glibc

/// What an export has made in Azure, kept in a file of this machine until nothing is left to do. It holds names and ids, no
/// secret and no signed address.
///
/// An entry is durable before the request that makes the resource is sent: whatever a crash leaves is named here.
package struct AzureJournal: Sendable, Codable {
    package enum State: String, Sendable, Codable {
        /// Its request may have been sent.
        case making
        case made
    }

    package struct Entry: Sendable, Codable {
        package let kind: ResourceKind
        package let name: String
        package let id: String
        package var state: State
        /// Whether it was there before us after all: then it is left alone.
        package var isBilled: Bool { kind.isBilled }
    }

    /// How far a disk is.
    package struct Mark: Sendable, Codable, Equatable {
        /// All of the disk before this byte is in Azure.
        package var done: UInt64 = 0
        /// Bytes of pages written for that, each counted once.
        package var written: UInt64 = 0
        /// Whether all pages are there, the footer too.
        package var isComplete = false
        /// What Azure calls the disk, however often a name is used.
        package var unique = ""
    }

    private static let format = 1
    /// Bytes. A larger file is none of ours.
    private static let limit = 1 << 20

    private let version: Int
    /// The value of the tag `ahvault-run`.
    package let run: String
    package let restorePoint: String
    package let vmName: String
    let subject: String
    /// The id of the resource group, or the address of the container.
    package let place: String
    /// In the order in which they were made.
    package var entries: [Entry] = []
    /// By the names of disks.
    package var marks: [String: Mark] = [:]

    init(run: String, request: AzureExportRequest, place: String) {
        version = Self.format
        self.run = run
        restorePoint = request.restorePoint
        vmName = request.vmName
        subject = request.subject
        self.place = place
    }

    /// - Returns: nil when there is none.
    /// - Throws: `.corrupt` when it cannot be read: it may name what is paid for.
    package static func read(_ path: String) throws(EngineError) -> AzureJournal? {
        guard access(path, F_OK) == 0 else { return nil }
        let file = try OpenFile(path, O_RDONLY)
        let buffer = Buffer(capacity: limit)
        try buffer.append(upTo: limit) { space throws(EngineError) in try file.read(into: space, at: 0) }
        guard let journal = try? JSONDecoder().decode(AzureJournal.self, from: Data(buffer.array)),
            journal.version == format
        else {
            throw EngineError(
                .corrupt,
                "the journal \(path) cannot be read: look in Azure for what has the tag \(RunTag.name), then remove the file"
            )
        }
        return journal
    }

    /// Puts the journal in place of the one before; a crash leaves one of the two.
    func write(_ path: String) throws(EngineError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        guard let text = try? encoder.encode(self) else { throw EngineError(.bug, "a journal that cannot be encoded") }
        let draft = path + ".new"
        let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write([UInt8](text).span.bytes, at: 0)
        try file.synchronize()
        guard rename(draft, path) == 0 else { throw .system("replace", path) }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        try OpenFile.synchronizeFolder(folder)
    }

    /// What is there, or may be, that costs money.
    package var billed: [Entry] { entries.filter(\.isBilled) }
}

/// The tag by which what a run made is found again.
enum RunTag {
    static let name = "ahvault-run"
    static let restorePoint = "ahvault-restore-point"
    static let vm = "ahvault-vm"
}
