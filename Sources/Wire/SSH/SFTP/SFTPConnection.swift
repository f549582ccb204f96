import CSSH2
import Glibc

/// A session of the SSH File Transfer Protocol, version 3, with many requests in flight.
///
/// Calls block. An error of kind `notFound`, `denied` or `refusedByDevice` is an answer, and the connection goes on; after
/// any other it is broken. It is closed when it is let go of.
// Proof of @unchecked Sendable: its owner lends it to one task at a time, and nothing else refers to what it holds.
package final class SFTPConnection: @unchecked Sendable {
    /// What the server can do beyond version 3.
    package private(set) var extensions: Set<SFTPExtension> = []
    /// Whether it is of no more use.
    package private(set) var isBroken = false
    /// Most bytes of one read or write.
    private(set) var mostBytes = SFTPConnection.plainBytes

    private let session: SSHSession
    private let channel: OpaquePointer
    private var lastID: UInt32 = 0
    /// Replies that came before somebody asked for them.
    private var early: [UInt32: SFTPReply] = [:]
    /// Requests whose replies nobody asks for.
    private var unasked: Set<UInt32> = []
    /// Where the data of reads in flight belongs.
    private var destinations: [UInt32: UnsafeMutableRawBufferPointer] = [:]
    private let scratch: UnsafeMutableRawBufferPointer

    /// How much a server may send before it is told that we have read: enough for fast lines that are long.
    private static let window: UInt32 = 16 << 20
    /// What every server takes in one request.
    private static let plainBytes = 32 << 10
    private static let largestRequest = 255 << 10
    private static let largestReply = 1 << 20

    /// Connects, recognizes the host, logs in and starts the file transfer.
    /// - Throws: as `SSHSession.open`; `refusedByDevice` when the server has no SFTP for this user.
    package static func open(_ endpoint: SSHEndpoint) throws(WireError) -> SFTPConnection {
        let session = try SSHSession.open(endpoint)
        let deadline = session.answerDeadline
        guard
            let channel = try session.patiently(
                until: deadline, making: { cssh2_open_session_channel(session.handle, window) })
        else { throw session.failure("no channel could be opened") }
        let code = try session.patiently(until: deadline) { cssh2_sftp_subsystem(channel) }
        guard code == 0 else {
            guard !session.socket.isEnded else {
                throw WireError(.connectionLost, "\(session.name) ended the connection")
            }
            throw WireError(
                .refusedByDevice, "\(session.name) has no SFTP for the user \(endpoint.user): \(session.lastMessage)")
        }
        libssh2_channel_handle_extended_data2(channel, LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE)
        let connection = SFTPConnection(session, channel)
        try connection.agree()
        return connection
    }

    private init(_ session: SSHSession, _ channel: OpaquePointer) {
        self.session = session
        self.channel = channel
        scratch = .allocate(byteCount: Self.largestRequest + 1024, alignment: 16)
    }

    deinit { scratch.deallocate() }

    /// Whether the server lives, asked when it was silent for long or has said something unasked.
    package func isAlive(afterIdleFor idle: Duration) -> Bool {
        if isBroken || (try? receiveUnasked()) == nil { return false }
        if idle < .seconds(30), !session.socket.hasNews { return true }
        return (try? realPath(".")) != nil
    }

    private func receiveUnasked() throws(WireError) {
        while !unasked.isEmpty { unasked.remove(try receive().0) }
    }

    // MARK: The start

    private func agree() throws(WireError) {
        var request = WireWriter(type: SFTPMessage.initialize)
        request.append(3 as UInt32)
        try sendMessage(request.bytes)
        var (type, reader) = try receiveBare()
        guard type == SFTPMessage.version, try reader.number() >= 3 else { throw broken(nonsense) }
        while !reader.isAtEnd {
            let known = SFTPExtension(rawValue: try reader.text())
            _ = try reader.bytes()
            if let known { extensions.insert(known) }
        }
        guard extensions.contains(.limits) else { return }
        let id = try start(SFTPMessage.extended) { $0.append(SFTPExtension.limits.rawValue) }
        guard case .extended(let bytes) = try reply(to: id) else { return }
        var limits = WireReader(bytes, from: session.name)
        _ = try limits.longNumber()
        let (read, write) = (try limits.longNumber(), try limits.longNumber())
        let most = min(read == 0 ? UInt64(Self.plainBytes) : read, write == 0 ? UInt64(Self.plainBytes) : write)
        mostBytes = max(Self.plainBytes, Int(min(most, UInt64(Self.largestRequest))))
    }

    // MARK: Requests

    /// Sends a request; its reply is fetched by `reply(to:)`, or never when it is `isUnasked`.
    @discardableResult
    func start(
        _ type: UInt8, isUnasked: Bool = false, _ fill: (inout WireWriter) -> Void
    ) throws(WireError) -> UInt32 {
        lastID &+= 1
        var request = WireWriter(type: type)
        request.append(lastID)
        fill(&request)
        if isUnasked { unasked.insert(lastID) }
        try sendMessage(request.bytes)
        return lastID
    }

    /// Sends a read whose data goes to `destination`, which must stay valid until its reply was fetched.
    func startRead(
        _ handle: SFTPHandle, at offset: UInt64, into destination: UnsafeMutableRawBufferPointer
    ) throws(WireError) -> UInt32 {
        let id = try start(SFTPMessage.read) { request in
            request.append(handle.bytes)
            request.append(offset)
            request.append(UInt32(destination.count))
        }
        destinations[id] = destination
        return id
    }

    /// Sends a write of at most `mostBytes`.
    func startWrite(
        _ handle: SFTPHandle, at offset: UInt64, _ data: UnsafeRawBufferPointer
    ) throws(WireError) -> UInt32 {
        lastID &+= 1
        var head = WireWriter(type: SFTPMessage.write)
        head.append(lastID)
        head.append(handle.bytes)
        head.append(offset)
        head.append(UInt32(data.count))
        var length = WireWriter()
        length.append(UInt32(head.bytes.count + data.count))
        let start = length.bytes + head.bytes
        guard start.count + data.count <= scratch.count else { throw broken(nonsense) }
        scratch.copyBytes(from: start)
        UnsafeMutableRawBufferPointer(rebasing: scratch[start.count...]).copyMemory(from: data)
        try send(UnsafeRawBufferPointer(rebasing: scratch[..<(start.count + data.count)]))
        return lastID
    }

    /// Waits for the reply to a request.
    func reply(to id: UInt32) throws(WireError) -> SFTPReply {
        if let reply = early.removeValue(forKey: id) { return reply }
        while true {
            let (found, reply) = try nextReply()
            if found == id { return reply }
            early[found] = reply
        }
    }

    /// Waits for the next reply that somebody asks for.
    func nextReply() throws(WireError) -> (id: UInt32, reply: SFTPReply) {
        while true {
            let (id, reply) = try receive()
            if unasked.remove(id) == nil { return (id, reply) }
        }
    }

    // MARK: Receiving

    private func receive() throws(WireError) -> (UInt32, SFTPReply) {
        var head = (UInt64(0), UInt8(0))
        try withUnsafeMutableBytes(of: &head) { (space) throws(WireError) in
            try fill(UnsafeMutableRawBufferPointer(rebasing: space[..<9]))
        }
        let bytes = withUnsafeBytes(of: head) { Array($0[..<9]) }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) } - 5
        let id = bytes[5...].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        guard length >= 0, length <= Self.largestReply else { throw broken(nonsense) }
        if let destination = destinations.removeValue(forKey: id), bytes[4] == SFTPMessage.data {
            return (id, .data(try receiveData(length, into: destination)))
        }
        var reader = WireReader(try receiveBytes(length), from: session.name)
        do throws(WireError) {
            return (id, try decode(bytes[4], &reader))
        } catch {
            throw broken(error)
        }
    }

    private func receiveData(_ length: Int, into destination: UnsafeMutableRawBufferPointer) throws(WireError) -> Int {
        guard length >= 4 else { throw broken(nonsense) }
        let count = try receiveBytes(4).reduce(0) { $0 << 8 | Int($1) }
        guard count == length - 4, count <= destination.count, count > 0 else { throw broken(nonsense) }
        try fill(UnsafeMutableRawBufferPointer(rebasing: destination[..<count]))
        return count
    }

    private func decode(_ type: UInt8, _ reader: inout WireReader) throws(WireError) -> SFTPReply {
        switch type {
        case SFTPMessage.status:
            let code = try reader.number()
            return .status(SFTPStatus(code: code, message: reader.isAtEnd ? "" : try reader.text()))
        case SFTPMessage.handle: return .handle(SFTPHandle(bytes: try reader.bytes()))
        case SFTPMessage.attributes: return .attributes(try SFTPAttributes(&reader))
        case SFTPMessage.extendedReply: return .extended(reader.rest)
        case SFTPMessage.names:
            var names: [SFTPName] = []
            for _ in 0..<(try reader.number()) {
                let name = try reader.text()
                _ = try reader.bytes()
                names.append(SFTPName(name: name, attributes: try SFTPAttributes(&reader)))
            }
            return .names(names)
        default: throw nonsense
        }
    }

    private func receiveBare() throws(WireError) -> (UInt8, WireReader) {
        let length = try receiveBytes(4).reduce(0) { $0 << 8 | Int($1) }
        guard length >= 1, length <= Self.largestReply else { throw broken(nonsense) }
        let body = try receiveBytes(length)
        return (body[0], WireReader(Array(body.dropFirst()), from: session.name))
    }

    private func receiveBytes(_ count: Int) throws(WireError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result: Result<Void, WireError> = bytes.withUnsafeMutableBytes { space in
            Result { () throws(WireError) in try fill(space) }
        }
        try result.get()
        return bytes
    }

    // MARK: Bytes

    private func fill(_ space: UnsafeMutableRawBufferPointer) throws(WireError) {
        guard let base = space.baseAddress else { return }
        var done = 0
        var deadline: ContinuousClock.Instant?
        while done < space.count {
            let target = (base + done).assumingMemoryBound(to: CChar.self)
            let count = libssh2_channel_read_ex(channel, 0, target, space.count - done)
            if count > 0 {
                done += count
                deadline = nil
            } else if count == Int(cssh2_again) {
                try pause(&deadline)
            } else if count == 0 {
                throw broken(WireError(.connectionLost, "\(session.name) ended the connection"))
            } else {
                throw broken(session.failure("the connection broke"))
            }
        }
    }

    private func sendMessage(_ bytes: [UInt8]) throws(WireError) {
        var message = WireWriter()
        message.append(bytes)
        let result: Result<Void, WireError> = message.bytes.withUnsafeBytes { content in
            Result { () throws(WireError) in try send(content) }
        }
        try result.get()
    }

    private func send(_ content: UnsafeRawBufferPointer) throws(WireError) {
        guard let base = content.baseAddress else { return }
        guard !isBroken else { throw WireError(.connectionLost, "\(session.name): the connection is broken") }
        var done = 0
        var deadline: ContinuousClock.Instant?
        while done < content.count {
            let source = (base + done).assumingMemoryBound(to: CChar.self)
            let count = libssh2_channel_write_ex(channel, 0, source, content.count - done)
            if count > 0 {
                done += count
                deadline = nil
            } else if count == Int(cssh2_again) || count == 0 {
                try pause(&deadline)
            } else {
                throw broken(session.failure("the connection broke"))
            }
        }
    }

    private func pause(_ deadline: inout ContinuousClock.Instant?) throws(WireError) {
        let limit = deadline ?? session.answerDeadline
        deadline = limit
        do throws(WireError) {
            try session.wait(until: limit)
        } catch {
            throw broken(error)
        }
    }

    /// The error, after which the connection is of no more use.
    func broken(_ error: WireError) -> WireError {
        isBroken = true
        return error
    }

    var nonsense: WireError {
        WireError(.protocolViolation, "\(session.name) sent something that SFTP does not have")
    }
}
