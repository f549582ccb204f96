/// One answer of the service.
struct Answer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [Slice] = []
    /// `Content-Length` when there is no body to count, as in answers to HEAD.
    var length: Int?
    /// Which checksums of this body are to be sent.
    var hashes = (md5: false, crc64: false)

    var bodyLength: Int { body.reduce(0) { $0 + $1.count } }

    subscript(_ header: String) -> String? {
        headers.first { $0.name.lowercased() == header.lowercased() }?.value
    }

    static func text(_ status: Int, _ text: String, type: String) -> Answer {
        Answer(status: status, headers: [("Content-Type", type)], body: [Slice(Array(text.utf8))])
    }

    static func xml(_ document: XMLText) -> Answer { text(200, document.text, type: "application/xml") }

    static func json(_ status: Int, _ members: [(String, JSONText.Value)]) -> Answer {
        text(status, JSONText.object(members), type: "application/json; charset=utf-8")
    }

    static func json(_ status: Int, _ value: JSON) -> Answer {
        Answer(
            status: status, headers: [("Content-Type", "application/json; charset=utf-8")], body: [Slice(value.bytes)])
    }

    /// The error as Azure writes it.
    static func error(_ error: AzureError, id: String, now: Instant) -> Answer {
        var document = XMLText()
        document.element("Error") { body in
            body.element("Code", error.code)
            body.element("Message", "\(error.message)\nRequestId:\(id)\nTime:\(now.isoDate)")
            for detail in error.details { body.element(detail.name, detail.value) }
        }
        var answer = error.status == 304 ? Answer(status: 304) : .xml(document)
        answer.status = error.status
        answer.headers.append(("x-ms-error-code", error.code))
        answer.headers += error.headers
        return answer
    }
}
