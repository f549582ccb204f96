/// An answer of the server.
enum SFTPReply {
    case status(SFTPStatus)
    case handle(SFTPHandle)
    case names([SFTPName])
    case attributes(SFTPAttributes)
    case extended([UInt8])
    /// As many bytes as this were written to the memory that the read named.
    case data(Int)
}

/// An open file or folder of the server's.
package struct SFTPHandle: Sendable, Hashable {
    let bytes: [UInt8]
}

/// The end of a request that gives no data.
struct SFTPStatus {
    static let okay: UInt32 = 0
    static let endOfFile: UInt32 = 1

    let code: UInt32
    let message: String

    /// The failure as an error about `subject`; the session goes on.
    func error(_ subject: String) -> WireError {
        let said = message.isEmpty ? "error \(code)" : message
        switch code {
        case 2, 10: return WireError(.notFound, "\(subject): \(said)")
        case 3, 12: return WireError(.denied, "\(subject): \(said)")
        case 6, 7: return WireError(.connectionLost, "\(subject): \(said)")
        default: return WireError(.refusedByDevice, "\(subject): \(said)")
        }
    }
}
