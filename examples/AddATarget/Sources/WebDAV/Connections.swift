import CWebCurl
import Engine
import Glibc
import Synchronization

/// Requests to the server over libcurl, each on a connection that was used before when there is one. All calls block: the
/// engine calls a target on threads of its own.
final class Connections: Sendable {
    /// How the server is reached.
    struct Access: Sendable {
        /// Without a slash at its end.
        let root: String
        let username: String?
        let password: String?
        let ca: String?
    }

    private struct State {
        var access: Access?
        var idle: [Connection] = []
    }

    private let state = Mutex(State())

    func open(_ access: Access) { state.withLock { $0.access = access } }

    func close() {
        let idle = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        _ = idle
    }

    func url(of path: String) -> String {
        let root = state.withLock { $0.access?.root } ?? ""
        return path.isEmpty ? root + "/" : root + "/" + path
    }

    /// - Parameters:
    ///   - path: below the root.
    ///   - output: gets the answer's body, if the status says that it is the object; other bodies are kept in the answer.
    func request(
        _ method: String, _ path: String, headers: [String] = [], range: Range<Int>? = nil, body: RawSpan? = nil,
        into output: Buffer? = nil
    ) throws(EngineError) -> Answer {
        let (access, idle) = state.withLock { state in (state.access, state.idle.popLast()) }
        guard let access else { throw EngineError(.bug, "the target is not open") }
        let connection: Connection
        if let idle { connection = idle } else { connection = try Connection() }
        let answer = try connection.perform(
            method, url(of: path), access: access, headers: headers, range: range, body: body, output: output)
        state.withLock { $0.idle.append(connection) }
        return answer
    }
}

/// What the server said.
struct Answer: Sendable {
    let url: String
    let status: Int
    /// Of the body, in bytes.
    let length: Int
    let body: [UInt8]

    /// - Throws: by the status, when it is none of `wanted`.
    func require(_ wanted: ClosedRange<Int>, _ action: String, _ path: String) throws(EngineError) {
        guard !wanted.contains(status) else { return }
        throw EngineError(status: status, "cannot \(action) \(url): the server answers \(status)")
    }
}

/// A moment in which another request may end.
enum Pause {
    static func short() { usleep(20_000) }
}
