import Engine
import Synchronization

/// Makes the folders that objects lie in.
final class Collections: Sendable {
    private let connections: Connections
    private let known = Mutex<Set<String>>([])

    init(_ connections: Connections) { self.connections = connections }

    func makeParent(of path: String) throws(EngineError) {
        var end = path.startIndex
        while let slash = path[end...].firstIndex(of: "/") {
            try make(String(path[..<slash]))
            end = path.index(after: slash)
        }
    }

    /// Makes one folder, whose parent is there; one that is there already stays.
    func make(_ path: String) throws(EngineError) {
        guard !known.withLock({ $0.contains(path) }) else { return }
        for _ in 0..<100 {
            let answer = try connections.request("MKCOL", path)
            // 405: there is something of that name. 301: Apache says so for a folder named without a slash.
            guard answer.status != 423 else {
                Pause.short()
                continue
            }
            if answer.status != 405, answer.status != 301 { try answer.require(200...299, "make the folder", path) }
            known.withLock { _ = $0.insert(path) }
            return
        }
        throw EngineError(.rateLimited, "\(connections.url(of: path)) is locked at the server", isRetryable: true)
    }
}
