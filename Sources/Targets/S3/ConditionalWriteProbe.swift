import Engine
import Wire

/// Finds out whether a server honours `If-None-Match: *` on PUT, by putting one small object of a hidden name twice.
///
/// The object stays: from the second time on, one request answers. A crash leaves nothing else.
struct ConditionalWriteProbe: Sendable {
    let transport: ObjectTransport<S3Service>
    let object: String

    /// - Returns: false also when we may not write there: whoever cannot write needs no promise about it.
    func run() async throws(EngineError) -> Bool {
        var call = ObjectCall(method: "PUT", object: object, what: "try conditional writes by \(object)")
        call.headers = [HTTPHeader("If-None-Match", "*"), HTTPHeader("Content-Type", "text/plain")]
        call.body = CallBody(Array("Tells whether this server honours If-None-Match.\n".utf8))
        for _ in 0..<2 {
            switch try await transport.send(call, accepting: [400, 403, 405, 409, 412, 501]).status {
            case 409, 412: return true
            case 200..<300: continue
            default: return false
            }
        }
        return false
    }
}
