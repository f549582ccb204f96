import Glibc
import Synchronization

/// Files in a folder of this machine. They are written under names that nobody takes for an image, and renamed when all
/// are whole; after a crash only such files are left.
public final class FileDestination: ImageDestination {
    public let name: String
    public let isStream = false
    private let folder: String
    private let replaces: Bool
    private let isDurable: Bool
    private let drafts = Mutex<[Draft]>([])

    private struct Draft {
        let file: String
        let path: String
    }

    /// - Parameters:
    ///   - replaces: whether files of the same names are replaced.
    ///   - isDurable: whether a crash of the machine after `commit` loses nothing; the price is that of the disk.
    public init(_ path: String, replaces: Bool = false, isDurable: Bool = true) {
        let slash = path.lastIndex(of: "/")
        name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        self.replaces = replaces
        self.isDurable = isDurable
    }

    public func begin(_ file: String) async throws(EngineError) -> any ImageSink {
        guard !file.isEmpty, !file.contains("/"), file != ".", file != ".." else {
            throw EngineError(.configuration, "`\(file)` cannot be the name of a file")
        }
        let final = folder + "/" + file
        if !replaces, access(final, F_OK) == 0 {
            throw EngineError(.alreadyExists, "\(final) is there already: remove it, or ask to replace it")
        }
        let path = folder + "/." + file + "." + RandomName.make() + ".partial"
        let sink = try FileSink(path, isDurable: isDurable)
        drafts.withLock { $0.append(Draft(file: file, path: path)) }
        return sink
    }

    public func commit() async throws(EngineError) {
        // The file that others are found by comes last.
        let all = drafts.withLock { $0 }
        for draft in all.filter({ $0.file != name }) + all.filter({ $0.file == name }) { try publish(draft) }
        if isDurable { try OpenFile.synchronizeFolder(folder) }
        drafts.withLock { $0 = [] }
    }

    private func publish(_ draft: Draft) throws(EngineError) {
        let final = folder + "/" + draft.file
        if replaces {
            guard rename(draft.path, final) == 0 else { throw .system("put the image at", final) }
        } else {
            guard link(draft.path, final) == 0 else { throw .system("create", final) }
            unlink(draft.path)
        }
    }

    public func abandon() async {
        for draft in drafts.withLock({ drafts in
            defer { drafts = [] }
            return drafts
        }) {
            unlink(draft.path)
        }
    }
}

/// A file that is being written.
private final class FileSink: ImageSink {
    private let file: ImageFile
    private let behind: WriteBehind
    private let isDurable: Bool

    init(_ path: String, isDurable: Bool) throws(EngineError) {
        file = ImageFile(try OpenFile(path, O_RDWR | O_CREAT | O_EXCL), isDurable: isDurable)
        behind = WriteBehind(file)
        self.isDurable = isDurable
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        try await behind.write(buffer, range, at: offset)
    }

    func finish(size: UInt64) async throws(EngineError) {
        try await behind.settle()
        try file.file.resize(to: size)
        if isDurable { try file.file.synchronize() }
    }
}
