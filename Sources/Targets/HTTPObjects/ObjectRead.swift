import Engine
import Wire

/// One `get`: the room its bytes go to, and whether they are the ones that were asked for.
struct ObjectRead: Sendable {
    /// The object and its place, for messages.
    let name: String
    private let wanted: Range<Int>?
    private let output: Buffer

    init(name: String, range: Range<Int>?, output: Buffer) {
        self.name = name
        wanted = range
        self.output = output
    }

    /// The header that asks for the range.
    var range: String? { wanted.map { "bytes=\($0.lowerBound)-\($0.upperBound - 1)" } }

    /// Where the bytes go: the buffer's room, or as much of it as the range needs.
    var space: BorrowedSpace {
        let room = output.memory[output.count..<(output.count + (wanted?.count ?? output.room))]
        return BorrowedSpace(UnsafeMutableRawBufferPointer(rebasing: room), of: output)
    }

    /// Whether the size alone answers, as for an empty range, which HTTP cannot ask for.
    /// - Throws: `.notFound`; `.corrupt` when the range is beyond the object or larger than the room.
    func isAnsweredBySize(_ size: () async throws(EngineError) -> Int?) async throws(EngineError) -> Bool {
        guard let wanted else { return false }
        guard wanted.lowerBound >= 0, wanted.count <= output.room else {
            throw EngineError(.corrupt, "\(name): \(wanted.count) bytes where at most \(output.room) are expected")
        }
        guard wanted.isEmpty else { return false }
        guard let size = try await size() else { throw EngineError(.notFound, "\(name) is not there") }
        guard wanted.upperBound <= size else { throw short("it has \(size) bytes") }
        return true
    }

    /// Counts the bytes that arrived as the buffer's.
    /// - Throws: `.corrupt` when they are others than those asked for.
    func finish(_ reply: HTTPReply) throws(EngineError) {
        if let wanted {
            let isWhole = reply.status == 200 && wanted.lowerBound == 0
            let start = reply.value(of: "Content-Range")?.split(separator: " ").last?.split(separator: "-").first
            guard isWhole || start.flatMap({ Int($0) }) == wanted.lowerBound else {
                throw EngineError(.failed, "\(name): the server answered with other bytes than were asked for")
            }
            guard reply.received == wanted.count else { throw short("\(reply.received) bytes arrived") }
        }
        output.markFilled(output.count + reply.received)
    }

    private func short(_ what: String) -> EngineError {
        EngineError(.corrupt, "\(name) is shorter than \(wanted?.upperBound ?? 0) bytes: \(what)")
    }
}
