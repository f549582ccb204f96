/// A call that is refused: the HTTP status and what the body says.
struct APIError: Error, Sendable {
    enum Body: Sendable {
        /// The list form: one application message.
        case message(code: String, group: String, text: String)
        /// The object form: the request does not fit the schema.
        case schema([Schema.Violation], location: String)
        /// No body at all.
        case empty
        /// Any other text, with its content type.
        case text(String, type: String)
    }

    var status: Int
    var body: Body

    static func message(_ status: Int, _ code: String, _ group: String, _ text: String) -> APIError {
        APIError(status: status, body: .message(code: code, group: group, text: text))
    }

    /// The entity does not exist.
    static func notFound(_ what: String, _ id: String) -> APIError {
        message(404, "%-40400", "RESOURCE_NOT_FOUND", "The \(what) with external id \(id) was not found.")
    }

    /// The request is well formed but asks for something impossible.
    static func invalid(_ text: String) -> APIError { message(422, "%-42200", "INVALID_REQUEST", text) }

    /// The entity is in a state that forbids this.
    static func conflict(_ text: String) -> APIError { message(409, "%-40900", "CONFLICT", text) }

    /// One member of the body has an impossible value.
    static func body(_ path: String, _ text: String) -> APIError {
        APIError(status: 400, body: .schema([.init(path: path, message: text)], location: "request body"))
    }

    /// One query option has an impossible value.
    static func query(_ name: String, _ text: String) -> APIError {
        APIError(status: 400, body: .schema([.init(path: name, message: text)], location: "query parameter"))
    }
}
