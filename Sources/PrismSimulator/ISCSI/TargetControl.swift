import Glibc

/// The management socket of a `tgtd`.
///
/// The daemon's own tool takes secrets as arguments, where every user of the machine sees them; the socket does not.
/// Calls block for the moment the daemon needs.
struct TargetControl: Sendable {
    /// The daemon refused a request, or did not answer.
    struct Failure: Error, CustomStringConvertible {
        var request: String
        var reason: String
        var description: String { "tgtd: \(request): \(reason)" }
    }

    enum Mode: UInt32 {
        case target = 1
        case device = 2
        case portal = 3
        case account = 7
    }

    enum Operation: UInt32 {
        case new = 0
        case delete = 1
        case show = 2
        case bind = 3
        case unbind = 4
        case update = 5
    }

    /// Path of the UNIX socket.
    let path: String

    /// Sends one request.
    ///
    /// - Returns: the text of the answer.
    /// - Throws: `Failure`; it names mode and operation, never the parameters, which may hold secrets.
    @discardableResult
    func send(
        _ mode: Mode, _ operation: Operation, target: Int32 = 0, unit: UInt64 = 0, outgoing: Bool = false,
        force: Bool = false, parameters: String = ""
    ) throws(Failure) -> String {
        let name = "\(operation) \(mode)"
        let text = parameters.isEmpty ? [] : Array(parameters.utf8) + [0]
        var request: [UInt8] = []
        func add<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number) { request.append(contentsOf: $0) }
        }
        add(mode.rawValue)
        add(operation.rawValue)
        request += Array("iscsi".utf8) + Array(repeating: 0, count: 64 - 5)
        add(UInt32(120 + text.count))
        add(target)
        add(UInt64(0))
        add(unit)
        add(UInt32(0))
        add(UInt32(0))
        add(UInt32(0))
        add(UInt32(outgoing ? 1 : 0))
        add(UInt32(0))
        add(UInt32(force ? 1 : 0))
        let connection = try connect(name)
        defer { close(connection) }
        try write(request + text, to: connection, name)
        let header = try read(8, from: connection, name)
        let code = header[0..<4].littleEndianNumber
        let length = header[4..<8].littleEndianNumber
        if code != 0 { throw Failure(request: name, reason: "refused with code \(code)") }
        guard length > 8, length < 1 << 20 else { return "" }
        return String(decoding: try read(length - 8, from: connection, name).prefix { $0 != 0 }, as: UTF8.self)
    }

    private func connect(_ name: String) throws(Failure) -> Int32 {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes.prefix($0.count - 1)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if status != 0 {
            let reason = String(cString: strerror(errno))
            close(connection)
            throw Failure(request: name, reason: reason)
        }
        return connection
    }

    private func write(_ bytes: [UInt8], to connection: Int32, _ name: String) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    connection, buffer.baseAddress.map { $0 + done }, buffer.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw Failure(request: name, reason: "the daemon closed the socket") }
            done += count
        }
    }

    private func read(_ length: Int, from connection: Int32, _ name: String) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        var done = 0
        while done < length {
            let count = bytes.withUnsafeMutableBytes { buffer in
                recv(connection, buffer.baseAddress.map { $0 + done }, buffer.count - done, 0)
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw Failure(request: name, reason: "the daemon closed the socket") }
            done += count
        }
        return bytes
    }
}

extension Collection<UInt8> {
    /// The number these bytes hold, least significant first.
    var littleEndianNumber: Int { reversed().reduce(0) { $0 << 8 | Int($1) } }

    /// The number these bytes hold, most significant first.
    var bigEndianNumber: Int { reduce(0) { $0 << 8 | Int($1) } }
}
