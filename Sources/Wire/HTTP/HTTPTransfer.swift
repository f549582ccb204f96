import CCurl

/// What one exchange has received so far. curl's callbacks fill it, on the thread that performs the transfer.
final class HTTPTransfer {
    private static let mostHeaderBytes = 256 << 10

    private let limit: Int
    private let space: BorrowedSpace?
    private let cancellation: Cancellation
    private var status = 0
    private var headers: [HTTPHeader] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var received = 0
    private(set) var isTooLarge = false

    init(_ request: HTTPRequest, _ cancellation: Cancellation) {
        limit = request.maximumReplyBytes
        space = request.space
        self.cancellation = cancellation
    }

    var reply: HTTPReply { HTTPReply(status: status, headers: headers, body: body, received: received) }

    static let takeBody: ccurl_sink = { bytes, size, count, context in
        take(bytes, size, count, context) { $0.appendBody($1) }
    }

    static let takeHeader: ccurl_sink = { bytes, size, count, context in
        take(bytes, size, count, context) { $0.appendHeader($1) }
    }

    static let shouldStop: ccurl_progress = { context, _, _, _, _ in
        guard let context else { return 1 }
        return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().cancellation.isRequested ? 1 : 0
    }

    /// Returns the number of bytes taken; anything but all of them makes curl end the transfer.
    private static func take(
        _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ append: (HTTPTransfer, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context, let bytes else { return 0 }
        let (total, isOver) = size.multipliedReportingOverflow(by: count)
        guard !isOver else { return 0 }
        let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
        return append(transfer, UnsafeRawBufferPointer(start: bytes, count: total)) ? total : 0
    }

    private func appendBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let space, 200..<300 ~= status { return fill(space, bytes) }
        guard bytes.count <= limit - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    private func fill(_ space: BorrowedSpace, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= space.room.count - received else {
            isTooLarge = true
            return false
        }
        UnsafeMutableRawBufferPointer(rebasing: space.room[received...]).copyMemory(from: bytes)
        received += bytes.count
        return true
    }

    private func appendHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.mostHeaderBytes else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append(HTTPHeader(String(line[..<colon]), String(value)))
        }
        return true
    }
}
