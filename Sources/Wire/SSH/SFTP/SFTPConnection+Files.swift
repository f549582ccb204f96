extension SFTPConnection {
    /// Opens a file.
    /// - Throws: `notFound`, `denied`, `refusedByDevice`, as the server says; what breaks connections.
    package func open(_ path: String, _ mode: SFTPOpenMode, permissions: UInt32? = nil) throws(WireError) -> SFTPHandle
    {
        let id = try start(SFTPMessage.open) { request in
            request.append(path)
            request.append(mode.rawValue)
            request.append(permissions: permissions)
        }
        return try handle(of: id, path)
    }

    /// Closes a file that was written, and waits for what the server says to that.
    package func close(_ handle: SFTPHandle) throws(WireError) {
        try finish(try start(SFTPMessage.close) { $0.append(handle.bytes) }, "closing a file")
    }

    /// Closes without waiting, where the answer does not matter.
    package func closeUnasked(_ handle: SFTPHandle) throws(WireError) {
        try start(SFTPMessage.close, isUnasked: true) { $0.append(handle.bytes) }
    }

    /// What is at a path, links followed; nil when there is nothing.
    package func attributes(_ path: String) throws(WireError) -> SFTPAttributes? {
        let id = try start(SFTPMessage.lookThrough) { $0.append(path) }
        do throws(WireError) {
            return try attributes(of: id, path)
        } catch {
            if error.kind == .notFound { return nil }
            throw error
        }
    }

    package func attributes(of handle: SFTPHandle) throws(WireError) -> SFTPAttributes {
        try attributes(of: try start(SFTPMessage.lookAtHandle) { $0.append(handle.bytes) }, "an open file")
    }

    /// The absolute path of `path`, which may be relative to the folder that log-ins start in.
    package func realPath(_ path: String) throws(WireError) -> String {
        let id = try start(SFTPMessage.realPath) { $0.append(path) }
        switch try reply(to: id) {
        case .names(let names) where names.count == 1: return names[0].name
        case .status(let status): throw status.error(path)
        default: throw broken(nonsense)
        }
    }

    package func makeFolder(_ path: String, permissions: UInt32) throws(WireError) {
        let id = try start(SFTPMessage.makeFolder) { request in
            request.append(path)
            request.append(permissions: permissions)
        }
        try finish(id, path)
    }

    package func remove(_ path: String) throws(WireError) {
        try finish(try start(SFTPMessage.remove) { $0.append(path) }, path)
    }

    /// Says when a file was last read and written, in seconds since 1970.
    package func setTimes(of path: String, accessed: UInt32, modified: UInt32) throws(WireError) {
        let id = try start(SFTPMessage.setAttributes) { request in
            request.append(path)
            request.append(8 as UInt32)
            request.append(accessed)
            request.append(modified)
        }
        try finish(id, path)
    }

    /// Gives a file another name. OpenSSH refuses when that is taken; other servers may not.
    package func rename(_ path: String, to other: String) throws(WireError) {
        let id = try start(SFTPMessage.rename) { request in
            request.append(path)
            request.append(other)
        }
        try finish(id, other)
    }

    /// Gives a file a second name, which must not be taken. Needs `hardlink`.
    package func link(_ path: String, as other: String) throws(WireError) {
        let id = try start(SFTPMessage.extended) { request in
            request.append(SFTPExtension.hardlink.rawValue)
            request.append(path)
            request.append(other)
        }
        try finish(id, other)
    }

    /// Returns once what was written to the file is on stable storage. Needs `fsync`.
    package func synchronize(_ handle: SFTPHandle, _ subject: String) throws(WireError) {
        let id = try start(SFTPMessage.extended) { request in
            request.append(SFTPExtension.fsync.rawValue)
            request.append(handle.bytes)
        }
        try finish(id, subject)
    }

    /// The room of the file system at `path`. Needs `statvfs`.
    package func space(at path: String) throws(WireError) -> SFTPSpace {
        let id = try start(SFTPMessage.extended) { request in
            request.append(SFTPExtension.statvfs.rawValue)
            request.append(path)
        }
        switch try reply(to: id) {
        case .extended(let bytes):
            var reader = WireReader(bytes, from: "the server")
            var fields: [UInt64] = []
            for _ in 0..<11 { fields.append(try reader.longNumber()) }
            return SFTPSpace(
                available: fields[4].multipliedReportingOverflow(by: fields[1]).partialValue,
                isOutOfFiles: fields[5] > 0 && fields[7] == 0, isReadOnly: fields[9] & 1 != 0)
        case .status(let status): throw status.error(path)
        default: throw broken(nonsense)
        }
    }

    // MARK: Replies

    /// Waits for the end of a request that gives no data.
    func finish(_ id: UInt32, _ subject: String) throws(WireError) {
        guard case .status(let status) = try reply(to: id) else { throw broken(nonsense) }
        guard status.code == SFTPStatus.okay else { throw status.error(subject) }
    }

    private func handle(of id: UInt32, _ subject: String) throws(WireError) -> SFTPHandle {
        switch try reply(to: id) {
        case .handle(let handle): return handle
        case .status(let status): throw status.error(subject)
        default: throw broken(nonsense)
        }
    }

    private func attributes(of id: UInt32, _ subject: String) throws(WireError) -> SFTPAttributes {
        switch try reply(to: id) {
        case .attributes(let attributes): return attributes
        case .status(let status): throw status.error(subject)
        default: throw broken(nonsense)
        }
    }
}

extension WireWriter {
    /// The attributes of a file that is made.
    fileprivate mutating func append(permissions: UInt32?) {
        append(permissions == nil ? 0 : 4 as UInt32)
        if let permissions { append(permissions) }
    }
}
