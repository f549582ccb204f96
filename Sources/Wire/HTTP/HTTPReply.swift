/// The reply to one request, whatever its status.
package struct HTTPReply: Sendable {
    package let status: Int
    /// In the order received; a name may occur more than once, as `Set-Cookie` does.
    package let headers: [HTTPHeader]
    package let body: [UInt8]
    /// How many bytes were written to the request's `space`.
    package let received: Int

    package init(status: Int, headers: [HTTPHeader], body: [UInt8], received: Int = 0) {
        self.status = status
        self.headers = headers
        self.body = body
        self.received = received
    }

    package var isSuccess: Bool { 200..<300 ~= status }

    /// The values of every header with this name, in order.
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    /// The first value of the header with this name.
    package func value(of name: String) -> String? { values(of: name).first }
}
