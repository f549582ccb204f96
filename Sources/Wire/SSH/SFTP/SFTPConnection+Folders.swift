extension SFTPConnection {
    /// Most folders that are read at once.
    private static let mostFolders = 48

    private enum Step {
        case opening(String)
        case reading(String, SFTPHandle)
    }

    /// Reads folders, many at once. `visit` gets each with all its names, once, and says which others are to be read.
    ///
    /// A folder that is not there has no names. Folders come in no order.
    /// - Throws: what the server says of a folder, after those in progress have ended; what breaks connections.
    package func walk(
        _ folders: [String], _ visit: (_ folder: String, _ names: [SFTPName]) -> [String]
    ) throws(WireError) {
        var waiting = folders
        var steps: [UInt32: Step] = [:]
        var found: [String: [SFTPName]] = [:]
        var failure: WireError?
        while true {
            while failure == nil, steps.count < Self.mostFolders, let folder = waiting.popLast() {
                steps[try start(SFTPMessage.openFolder) { $0.append(folder) }] = .opening(folder)
            }
            guard !steps.isEmpty else { break }
            let (id, reply) = try nextReply()
            switch (steps.removeValue(forKey: id), reply) {
            case (.opening(let folder), .handle(let handle)):
                steps[try startReading(handle)] = .reading(folder, handle)
            case (.reading(let folder, let handle), .names(let names)):
                found[folder, default: []] += names
                steps[try startReading(handle)] = .reading(folder, handle)
            case (.opening(let folder), .status(let status)):
                let error = status.error(folder)
                if error.kind == .notFound { waiting += visit(folder, []) } else { failure = failure ?? error }
            case (.reading(let folder, let handle), .status(let status)):
                try closeUnasked(handle)
                if status.code == SFTPStatus.endOfFile {
                    waiting += visit(folder, found.removeValue(forKey: folder) ?? [])
                } else {
                    failure = failure ?? status.error(folder)
                }
            default: throw broken(nonsense)
            }
        }
        if let failure { throw failure }
    }

    private func startReading(_ handle: SFTPHandle) throws(WireError) -> UInt32 {
        try start(SFTPMessage.readFolder) { $0.append(handle.bytes) }
    }
}
