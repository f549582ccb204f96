package import Wire

/// What a store answered in the end.
package struct ObjectReply: Sendable {
    package let http: HTTPReply
    /// Whether an earlier attempt may have been carried out although its answer was lost.
    package let isRepeated: Bool

    package var status: Int { http.status }
}
