import Glibc

@testable import Engine

/// An index run in a file of this machine, read in all the ways there are.
enum HostileRun {
    static func read(_ bytes: [UInt8]) throws(EngineError) {
        var generator = SystemRandomNumberGenerator()
        let path = "/tmp/ahvault-run-" + PackID.random(using: &generator).description
        defer { unlink(path) }
        do {
            let file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL)
            try file.write(bytes.span.bytes, at: 0)
        }
        let run = try MappedRun(path: path)
        _ = run.rows(of: SampleObjects.digest(1))
        try run.forEach { row, entry, _ in _ = (run.id(at: row), run.entry(at: row) == entry) }
    }
}
