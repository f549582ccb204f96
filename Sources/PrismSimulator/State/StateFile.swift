import Glibc

/// The state of a simulator in one JSON file that is replaced as a whole.
struct StateFile: Sendable {
    let path: String

    /// The state kept last; nil when there is none yet.
    ///
    /// - Throws: when the file is there but cannot be read or is no JSON.
    func load() throws -> JSONValue? {
        if access(path, F_OK) != 0 { return nil }
        let file = try DiskFile(path, flags: O_RDONLY)
        let size = try file.size
        let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            count = size
        }
        return try JSONValue.parse(bytes)
    }

    /// Replaces the state: after a crash either the old or the new one is there.
    func save(_ bytes: [UInt8]) throws(DiskFailure) {
        let temporary = path + ".new"
        do {
            let file = try DiskFile(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes, at: 0)
        }
        if rename(temporary, path) != 0 { throw DiskFailure(action: "replace", path: path, code: errno) }
    }
}
