import Engine
import Wire

/// One get, which goes on where it was when its connection broke: objects never change.
final class SFTPGet {
    private let key: ObjectKey
    private let range: Range<Int>?
    private let output: Buffer
    private let folder: SFTPFolder
    private let start: Int
    private var filled = 0

    init(_ key: ObjectKey, _ range: Range<Int>?, _ output: Buffer, in folder: SFTPFolder) {
        self.key = key
        self.range = range
        self.output = output
        self.folder = folder
        start = output.count
    }

    func run() async throws(EngineError) {
        let problem = try await folder.calls.run("get \(key)") { (connection) throws(WireError) in
            try attempt(connection)
        }
        if let problem { throw problem }
        output.markFilled(start + filled)
    }

    private func attempt(_ connection: SFTPConnection) throws(WireError) -> EngineError? {
        let path = folder.path(of: key)
        let handle = try connection.open(path, .read)
        defer { try? connection.closeUnasked(handle) }
        let found = try connection.attributes(of: handle)
        guard found.form == .file || found.form == .unsaid else {
            return EngineError(.notFound, "\(folder.calls.place): \(key) is no object")
        }
        let size = Int(clamping: found.size ?? 0)
        let wanted = range ?? 0..<size
        guard wanted.lowerBound >= 0, wanted.upperBound <= size else {
            return EngineError(
                .corrupt, "\(folder.calls.place): \(key) has \(size) bytes; \(wanted.upperBound) are needed")
        }
        guard wanted.count <= output.capacity - start else {
            return EngineError(
                .corrupt,
                "\(folder.calls.place): \(key): \(wanted.count) bytes where at most \(output.capacity - start) are expected"
            )
        }
        let space = UnsafeMutableRawBufferPointer(rebasing: output.memory[start..<(start + wanted.count)])
        try connection.read(handle, from: UInt64(wanted.lowerBound), into: space, filled: &filled, path) {
            Task.isCancelled
        }
        guard filled == wanted.count else {
            return EngineError(.corrupt, "\(folder.calls.place): \(key) became shorter while it was read")
        }
        return nil
    }
}
