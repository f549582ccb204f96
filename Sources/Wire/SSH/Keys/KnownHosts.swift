import Glibc

/// The keys that known_hosts files hold for one server (sshd(8), *SSH_KNOWN_HOSTS FILE FORMAT*).
///
/// Names may be patterns with `*`, `?` and `!`, or hashed. Certificate authorities are passed over; a revoked key is
/// never trusted. Lines that make no sense are passed over, as OpenSSH does.
struct KnownHosts {
    private(set) var keys: [SSHHostKey] = []
    private(set) var revoked: [SSHHostKey] = []

    private static let mostBytes = 16 << 20

    /// What the files hold for a server of this name (`host` or `[host]:port`).
    /// - Throws: `configuration` for a file that is there and cannot be read.
    init(files: [String], name: String) throws(WireError) {
        for file in files {
            guard let text = try Self.read(file) else { continue }
            self.add(text, name: name.lowercased())
        }
    }

    init(text: String, name: String) { add(text, name: name.lowercased()) }

    private mutating func add(_ text: String, name: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let marker = first.hasPrefix("@") ? String(words.removeFirst()) : ""
            guard words.count >= 3, let blob = Base64.bytes(of: words[2]), Self.fits(String(words[0]), name) else {
                continue
            }
            let key = SSHHostKey(blob: blob)
            guard key.type == words[1] else { continue }
            switch marker {
            case "": keys.append(key)
            case "@revoked": revoked.append(key)
            default: continue
            }
        }
    }

    /// Whether the first field of a line names the server.
    static func fits(_ names: String, _ name: String) -> Bool {
        if names.hasPrefix("|1|") { return KnownHostHash(names)?.hides(name) ?? false }
        var isNamed = false
        for pattern in names.lowercased().split(separator: ",") {
            if pattern.hasPrefix("!") {
                if matches(Array(pattern.utf8.dropFirst()), Array(name.utf8)) { return false }
            } else if matches(Array(pattern.utf8), Array(name.utf8)) {
                isNamed = true
            }
        }
        return isNamed
    }

    /// `*` stands for any letters, `?` for one.
    private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var (at, from, star, resume) = (0, 0, -1, 0)
        while from < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                (star, resume) = (at, from)
                at += 1
            } else if at < pattern.count, pattern[at] == name[from] || pattern[at] == UInt8(ascii: "?") {
                at += 1
                from += 1
            } else if star >= 0 {
                resume += 1
                (at, from) = (star + 1, resume)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func read(_ path: String) throws(WireError) -> String? {
        guard let file = fopen(path, "re") else {
            if errno == ENOENT { return nil }
            throw WireError(.configuration, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < mostBytes {
            let count = fread(&part, 1, part.count, file)
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        guard ferror(file) == 0 else { throw WireError(.configuration, "cannot read \(path)") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
