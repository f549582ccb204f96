import Glibc

/// The name of this proxy: random, made once, and kept beside its run leases. Whoever has the folder can tell whether a
/// run of that proxy is alive.
package enum ProxyName {
    /// The name kept in the folder; made if there is none. Several processes may ask at once: all get the same.
    package static func of(_ folder: String) throws(EngineError) -> String {
        let path = folder + "/proxy"
        if let name = try read(path) { return name }
        var generator = SystemRandomNumberGenerator()
        let name = Hex.text(generator.next() as UInt64)
        let temporary = "\(path).\(RandomName.make())"
        let file = try OpenFile(temporary, O_CREAT | O_EXCL | O_WRONLY, mode: 0o600)
        defer { unlink(temporary) }
        let bytes = Array(name.utf8)
        try file.write(bytes.span.bytes, at: 0)
        guard link(temporary, path) == 0 || errno == EEXIST else { throw .system("create", path) }
        return try read(path) ?? name
    }

    /// - Returns: nil when there is no such file, or no name in it.
    private static func read(_ path: String) throws(EngineError) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        let file = try OpenFile(path, O_RDONLY)
        let buffer = Buffer(capacity: 16)
        try buffer.append(upTo: 16) { space throws(EngineError) in try file.read(into: space, at: 0) }
        let name = String(decoding: buffer.array, as: UTF8.self)
        return SessionID(name) == nil ? nil : name
    }
}
