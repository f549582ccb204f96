/// One call of the API after it was routed and checked.
struct APICall: Sendable {
    var route: Route
    var minor: Int
    var parameters: [String: String]
    var request: WebRequest
    /// The request body; an empty object when the operation takes none.
    var body: JSONValue
    /// The name of the user who calls.
    var user: String
    /// Set on a Prism Element: the external id of its cluster.
    var cluster: String?
    /// What a fault wants of the task that this call starts.
    var taskFault: TaskFault?
    /// Set when the task is to fail at once, because the ETag was stale.
    var refusal: TaskFailure?

    /// A path parameter; the router made sure that it is there.
    subscript(_ parameter: String) -> String { parameters[parameter] ?? "" }
}

/// What a handler answers, before it is put into an envelope.
enum Answer: Sendable {
    /// One entity, with the ETag of its revision.
    case entity(JSONValue, etag: String?)
    /// Entities to be filtered, ordered and paged; only `fields` may be filtered on.
    case list([JSONValue], fields: [String])
    /// A task was started: 202.
    case task(String)
    /// Made at once: 201.
    case created(JSONValue)
    /// Done at once, nothing to say: 204.
    case nothing
    /// A list as it is, with extra information beside it.
    case regions([JSONValue], extra: [(String, JSONValue)])
    /// One object that is not an entity, with a link to where it leads.
    case object(JSONValue, link: String?)
    /// Bytes of a file.
    case file([UInt8])
}
