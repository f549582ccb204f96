import Glibc

/// The text file beside an image that tells its digests, as `sha256sum --check` reads it.
enum ChecksumFile {
    static let suffix = ".sha256"

    /// Puts `text` in place of what was there.
    static func write(_ text: String, to path: String) throws(EngineError) {
        let draft = path + "." + RandomName.make()
        do throws(EngineError) {
            let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_EXCL)
            try file.write([UInt8](text.utf8).span.bytes, at: 0)
            try file.synchronize()
            guard rename(draft, path) == 0 else { throw .system("replace", path) }
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// SHA-256 of a file.
    static func digest(of path: String) throws(EngineError) -> Digest {
        let file = try OpenFile(path, O_RDONLY)
        let buffer = Buffer(capacity: 1 << 20)
        var running = RunningDigest()
        repeat {
            if Task.isCancelled { throw EngineError(.cancelled, "cancelled") }
            buffer.removeAll()
            let offset = running.count
            try buffer.append(upTo: buffer.capacity) { space throws(EngineError) in
                try file.read(into: space, at: offset)
            }
            buffer.withBytes { running.append($0) }
        } while buffer.count == buffer.capacity
        return running.digest
    }

    /// The path of a file in the same folder.
    static func sibling(_ name: String, of path: String) -> String {
        path.lastIndex(of: "/").map { path[...$0] + name } ?? name
    }
}
