import Glibc

/// A file that holds one secret; refused when every user of the machine can read it.
struct SecretFile {
    let path: String
    let place: String

    private static let limit = 64 << 10

    /// The file's text without its final line break.
    func read() throws(EngineError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw wrong("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw wrong("is no file") }
        guard status.st_mode & 0o077 == 0 else { throw wrong("can be read by other users: run `chmod 600` on it") }
        guard status.st_size <= Self.limit else { throw wrong("is larger than a secret can be") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw wrong("is empty") }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }

    private func wrong(_ what: String) -> EngineError {
        EngineError(.configuration, "\(place): the secret file \(path) \(what)")
    }
}
