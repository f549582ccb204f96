import Glibc

/// What the environment asks of the tests, and what the process takes of the machine.
enum ProcessEnvironment {
    static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    /// Bytes of address space that the process has had at most.
    static var addressSpace: Int { status("VmPeak:") }

    /// Bytes of memory that the process has now, files not counted.
    static var anonymousMemory: Int { status("RssAnon:") }

    private static func status(_ name: String) -> Int {
        var text = [UInt8](repeating: 0, count: 8192)
        let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        let count = max(0, read(file, &text, text.count))
        let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name) }
        return (line.flatMap { Int($0.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) } ?? 0) << 10
    }
}
