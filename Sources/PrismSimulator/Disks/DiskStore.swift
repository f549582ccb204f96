import Glibc
import NIOPosix

/// The raw files of one simulator: VM disks, volume-group disks and the frozen disks of recovery points.
///
/// Everything that writes runs on one thread, in the order it was asked for, so a recovery point never catches half
/// of a guest's write. Scans run on a thread of their own.
struct DiskStore: Sendable {
    let folder: String
    private let writer = NIOThreadPool(numberOfThreads: 1)
    private let reader = NIOThreadPool(numberOfThreads: 1)

    /// - Throws: `DiskFailure` when the folder cannot be made.
    init(folder: String) throws(DiskFailure) {
        self.folder = folder
        if mkdir(folder, 0o700) != 0 && errno != EEXIST { throw DiskFailure(action: "make", path: folder, code: errno) }
        writer.start()
        reader.start()
    }

    /// Ends the threads; work that was begun is finished first.
    func close() async {
        try? await writer.shutdownGracefully()
        try? await reader.shutdownGracefully()
    }

    /// The file of a disk; ids come from the simulator itself or were checked to be UUIDs.
    func path(_ id: String) -> String { "\(folder)/\(id).raw" }

    /// Makes an empty disk.
    func create(_ id: String, size: Int) async throws {
        let path = path(id)
        try await writer.runIfActive {
            let file = try DiskFile(path, flags: O_RDWR | O_CREAT | O_TRUNC)
            try file.truncate(to: size)
        }
    }

    /// Makes a disk with the content of a file.
    ///
    /// - Returns: its size in bytes.
    @discardableResult
    func create(_ id: String, from source: String, size: Int? = nil) async throws -> Int {
        let path = path(id)
        return try await writer.runIfActive {
            let original = try DiskFile(source, flags: O_RDONLY)
            let copy = try DiskFile(path, flags: O_RDWR | O_CREAT | O_TRUNC)
            let length = try size ?? original.size
            try copy.copy(from: original, size: length)
            return length
        }
    }

    /// Gives the file of a disk a second name; neither may be written from then on.
    func link(_ id: String, to other: String) async throws {
        let (path, original) = (path(id), path(other))
        try await writer.runIfActive {
            if Glibc.link(original, path) != 0 { throw DiskFailure(action: "link", path: path, code: errno) }
        }
    }

    func write(_ id: String, _ bytes: [UInt8], at offset: Int) async throws {
        let path = path(id)
        try await writer.runIfActive { try DiskFile(path, flags: O_WRONLY).write(bytes, at: offset) }
    }

    func zero(_ id: String, _ range: Range<Int>) async throws {
        let path = path(id)
        try await writer.runIfActive { try DiskFile(path, flags: O_RDWR).punch(range) }
    }

    func grow(_ id: String, to size: Int) async throws {
        let path = path(id)
        try await writer.runIfActive { try DiskFile(path, flags: O_RDWR).truncate(to: size) }
    }

    func remove(_ ids: [String]) async {
        let paths = ids.map(path)
        try? await writer.runIfActive { for path in paths { _ = unlink(path) } }
    }

    /// Runs other file work on the writing thread, in the order it was asked for.
    func inOrder<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await writer.runIfActive(body)
    }

    /// Runs a scan on the reading thread.
    func scan<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await reader.runIfActive(body)
    }
}
