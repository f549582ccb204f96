import Engine
import Glibc

/// The folder of files that are being written: `<boot id>-<random>`, each locked by its living writer.
///
/// A lock ends with its process, so on this machine a sweep knows the dead at once. Of another machine, or of this one
/// before it was started again, a lock says nothing: there, age decides.
struct TemporaryFolder: Sendable {
    let path: String

    /// Longer than any put lasts, in milliseconds.
    private static let longestPut: Int64 = 24 * 3600 * 1000

    /// Names one run of this machine's kernel; empty when the kernel does not say.
    private static let bootID: String = {
        guard let file = try? OpenFile("/proc/sys/kernel/random/boot_id", O_RDONLY) else { return "" }
        let buffer = Buffer(capacity: 64)
        try? buffer.append(upTo: 64) { space throws(EngineError) in try file.read(into: space, at: 0) }
        return String(decoding: buffer.array, as: UTF8.self).filter(\.isHexDigit)
    }()

    func makeFile() throws(EngineError) -> TemporaryFile {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("create the folder", path) }
        while true {
            let file = try TemporaryFile(path: path + "/" + Self.bootID + "-" + RandomName.make())
            if try file.claim() { return file }
        }
    }

    /// Removes the files of dead writers and returns how many there were.
    func sweep(now: Timestamp) throws(EngineError) -> Int {
        var removed = 0
        for name in try names() where try isAbandoned(name, now: now) {
            guard unlink(path + "/" + name) == 0 else {
                if errno == ENOENT { continue }
                throw .system("delete", path + "/" + name)
            }
            removed += 1
        }
        return removed
    }

    private func isAbandoned(_ name: String, now: Timestamp) throws(EngineError) -> Bool {
        let file: OpenFile
        do {
            file = try OpenFile(path + "/" + name, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            if error.kind == .notFound { return false }
            throw error
        }
        if !Self.bootID.isEmpty, name.hasPrefix(Self.bootID + "-") {
            switch file.lock(waits: false) {
            case .held: return true
            case .taken: return false
            case .unsupported: break
            }
        }
        let written = try file.status().st_mtim
        return now.milliseconds - Int64(written.tv_sec) * 1000 > Self.longestPut
    }

    private func names() throws(EngineError) -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .system("list", path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
