import Wire

/// What a store answered in the end.
struct ObjectReply: Sendable {
    let http: HTTPReply
    /// Whether an earlier attempt may have been carried out although its answer was lost.
    let isRepeated: Bool

    var status: Int { http.status }
}
