extension SFTPConnection {
    /// Most requests of one transfer in flight.
    private static let mostInFlight = 64
    /// Bytes of one read in flight: enough for a line of a gigabit and 30 ms for each connection. With more, OpenSSH spends
    /// its time on moving what waits in its buffers.
    private static let mostReadInFlight = 4 << 20

    /// Writes all of `content` into a file from `start` on, with many requests in flight.
    ///
    /// What is in flight is waited for even after a failure, so that the connection stays in order.
    /// - Throws: `cancelled` when `isCancelled` says so in between; what the server says; what breaks connections.
    package func write(
        _ content: UnsafeRawBufferPointer, to handle: SFTPHandle, from start: UInt64 = 0, _ subject: String,
        isCancelled: () -> Bool
    ) throws(WireError) {
        var inFlight: [UInt32] = []
        var head = 0
        var failure: WireError?
        var offset = 0
        while failure == nil, offset < content.count {
            guard !isCancelled() else {
                failure = WireError(.cancelled, "stopped on request")
                break
            }
            let part = content[offset..<min(offset + mostBytes, content.count)]
            inFlight.append(try startWrite(handle, at: start + UInt64(offset), UnsafeRawBufferPointer(rebasing: part)))
            offset += part.count
            if inFlight.count - head >= Self.mostInFlight {
                failure = try outcome(inFlight[head], subject)
                head += 1
            }
        }
        for id in inFlight[head...] {
            let found = try outcome(id, subject)
            failure = failure ?? found
        }
        if let failure { throw failure }
    }

    /// Reads from `start` on into `space`, with many requests in flight.
    ///
    /// `filled` counts the bytes from the start of `space` on that are there without a gap, also when this throws, so that
    /// another connection can go on from there. It stays behind when the file ends.
    package func read(
        _ handle: SFTPHandle, from start: UInt64, into space: UnsafeMutableRawBufferPointer, filled: inout Int,
        _ subject: String, isCancelled: () -> Bool
    ) throws(WireError) {
        var reads = ReadsInFlight(space: space, from: filled)
        defer { filled = reads.filled }
        let inFlight = min(Self.mostInFlight, max(1, Self.mostReadInFlight / mostBytes))
        while true {
            while reads.count < inFlight, !reads.isStopped, let part = reads.next(mostBytes) {
                if isCancelled() {
                    reads.stop(WireError(.cancelled, "stopped on request"))
                    break
                }
                let target = UnsafeMutableRawBufferPointer(rebasing: space[part])
                reads.began(try startRead(handle, at: start + UInt64(part.lowerBound), into: target), part)
            }
            guard reads.count > 0 else { break }
            let (id, reply) = try nextReply()
            switch reply {
            case .data(let count): try reads.ended(id, count, else: nonsense)
            case .status(let status) where status.code == SFTPStatus.endOfFile: reads.failed(id, nil)
            case .status(let status): reads.failed(id, status.error(subject))
            default: throw broken(nonsense)
            }
        }
        if let failure = reads.failure { throw failure }
    }

    /// The failure of a request, nil when it succeeded.
    private func outcome(_ id: UInt32, _ subject: String) throws(WireError) -> WireError? {
        guard case .status(let status) = try reply(to: id) else { throw broken(nonsense) }
        return status.code == SFTPStatus.okay ? nil : status.error(subject)
    }
}

/// Which parts of a read are where on their way.
private struct ReadsInFlight {
    private let size: Int
    private var parts: [UInt32: Range<Int>] = [:]
    private var again: [Range<Int>] = []
    private var unbegun: Int
    private(set) var isStopped = false
    private(set) var failure: WireError?
    /// The least byte that is known not to come.
    private var gap: Int

    init(space: UnsafeMutableRawBufferPointer, from start: Int) {
        size = space.count
        unbegun = start
        gap = space.count
    }

    var count: Int { parts.count }

    var filled: Int {
        let open = (parts.values.map(\.lowerBound) + again.map(\.lowerBound)).min() ?? size
        return min(open, unbegun, gap)
    }

    /// What is to be asked for next, at most `most` bytes; nil when everything is.
    mutating func next(_ most: Int) -> Range<Int>? {
        if let part = again.popLast() { return part }
        guard unbegun < size else { return nil }
        return unbegun..<min(unbegun + most, size)
    }

    mutating func began(_ id: UInt32, _ part: Range<Int>) {
        parts[id] = part
        unbegun = max(unbegun, part.upperBound)
    }

    /// A reply brought the first `count` bytes of its part; the rest is asked for again.
    mutating func ended(_ id: UInt32, _ count: Int, else error: WireError) throws(WireError) {
        guard let part = parts.removeValue(forKey: id) else { throw error }
        if count < part.count { again.append((part.lowerBound + count)..<part.upperBound) }
    }

    /// Nothing more comes for a part: because of `error`, or because the file ends.
    mutating func failed(_ id: UInt32, _ error: WireError?) {
        isStopped = true
        failure = failure ?? error
        if let part = parts.removeValue(forKey: id) { gap = min(gap, part.lowerBound) }
    }

    mutating func stop(_ error: WireError) {
        isStopped = true
        failure = failure ?? error
    }
}
