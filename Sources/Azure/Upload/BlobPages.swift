import Engine
import Targets
import Wire

/// Pages by the Blob service's interface.
struct BlobPages<Service: ObjectService>: PageStore {
    let name: String
    /// As the service's calls name the blob; empty where the service knows it.
    let object: String
    /// One for all lanes, or one for each.
    let transports: [ObjectTransport<Service>]

    private static var mostLists: Int { 1 << 20 }

    func size() async throws(EngineError) -> UInt64 {
        let reply = try await send(call("HEAD", [], "look at \(name)"), 0)
        guard let size = reply.value(of: "Content-Length").flatMap({ UInt64($0) }) else {
            throw EngineError(.failed, "Azure does not tell the size of \(name)")
        }
        return size
    }

    func written(in range: ByteRange) async throws(EngineError) -> [ByteRange] {
        guard !range.isEmpty else { return [] }
        var ranges: [ByteRange] = []
        var marker = ""
        for _ in 0..<Self.mostLists {
            var query = [("comp", "pagelist")]
            if !marker.isEmpty { query.append(("marker", marker)) }
            var call = call("GET", query, "list the pages of \(name)")
            call.headers = [HTTPHeader("x-ms-range", "bytes=\(range.start)-\(range.end - 1)")]
            call.limit = 32 << 20
            let list = try XMLReader.read(try await send(call, 0).body)
            for entry in list.children where entry.name == "PageRange" {
                guard let start = entry.text(of: "Start").flatMap({ UInt64($0) }),
                    let last = entry.text(of: "End").flatMap({ UInt64($0) }), start <= last, last < .max
                else { throw EngineError(.failed, "the list of the pages of \(name) is no list of pages") }
                if let part = ByteRange(start, last + 1).intersection(range) { ranges.append(part) }
            }
            marker = list.text(of: "NextMarker") ?? ""
            if marker.isEmpty { return ranges.sorted { $0.start < $1.start } }
        }
        throw EngineError(.failed, "the list of the pages of \(name) does not end")
    }

    func put(
        _ buffer: Buffer, _ range: Range<Int>, at offset: UInt64, sum: UInt64, lane: Int
    ) async throws(EngineError) {
        var call = call("PUT", [("comp", "page")], "write to \(name) at \(offset)")
        call.headers = [
            HTTPHeader("x-ms-page-write", "update"),
            HTTPHeader("x-ms-range", "bytes=\(offset)-\(offset + UInt64(range.count) - 1)"),
            HTTPHeader("x-ms-content-crc64", CRC64.header(sum)),
            HTTPHeader("Content-Type", "application/octet-stream"),
        ]
        call.body = CallBody(unsummed: buffer, range)
        _ = try await send(call, lane)
    }

    func read(_ range: ByteRange, into output: Buffer, lane: Int) async throws(EngineError) {
        guard !range.isEmpty else { return }
        var call = call("GET", [], "read \(name) at \(range.start)")
        call.headers = [HTTPHeader("x-ms-range", "bytes=\(range.start)-\(range.end - 1)")]
        let room = output.memory[output.count..<(output.count + Int(range.count))]
        call.space = BorrowedSpace(UnsafeMutableRawBufferPointer(rebasing: room), of: output)
        let reply = try await send(call, lane)
        guard reply.received == Int(range.count) else {
            throw EngineError(.failed, "\(reply.received) bytes of \(name) came, not \(range.count)", isRetryable: true)
        }
        output.markFilled(output.count + reply.received)
    }

    private func call(_ method: String, _ query: [(name: String, value: String)], _ what: String) -> ObjectCall {
        ObjectCall(method: method, object: object, query: query, what: what)
    }

    private func send(_ call: ObjectCall, _ lane: Int) async throws(EngineError) -> HTTPReply {
        try await transports[lane % transports.count].send(call).http
    }
}
