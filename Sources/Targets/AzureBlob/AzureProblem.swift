import Engine
package import Wire

/// What a refusal says of itself. Replies to HEAD have it in a header alone.
package struct AzureProblem: Sendable {
    package let status: Int
    package let code: String?
    package let message: String?
    /// What the service found wrong with a signature.
    package let detail: String?
    package let requestID: String?

    package init(_ reply: HTTPReply) {
        status = reply.status
        let root = reply.body.isEmpty ? nil : try? XMLReader.read(reply.body)
        let error = root.flatMap { $0.name == "Error" ? $0 : nil }
        code = reply.value(of: "x-ms-error-code") ?? error?.text(of: "Code")
        // The message goes on with lines of identifiers, which the header has too.
        message = error?.text(of: "Message")?.split(whereSeparator: \.isNewline).first.map(String.init)
        detail = error?.text(of: "AuthenticationErrorDetail")
        requestID = reply.value(of: "x-ms-request-id")
    }

    /// The service's own words, cut to one line, with what its operator needs to find the request.
    package func words(client: String?) -> String {
        let text = [code ?? "status \(status)", message].compactMap(\.self).joined(separator: ": ")
        let ids = [requestID.map { "request \($0.prefix(80))" }, client.map { "our id \($0.prefix(80))" }]
            .compactMap(\.self).joined(separator: ", ")
        return String(text.prefix(300).map { $0.isNewline ? " " : $0 }) + (ids.isEmpty ? "" : " (\(ids))")
    }
}
