public import Engine

/// A folder of a WebDAV server (RFC 4918): each object is a file.
///
/// Crash story: bytes go to a file in `.tmp/`, which gets the object's name by a MOVE that does not overwrite once it is
/// whole. A crash leaves a temporary file at most; `sweep` removes it.
public struct WebDAVTarget: Target {
    public static let name = "webdav"
    public static let summary = "a folder of a WebDAV server, such as Nextcloud or Apache"
    /// Behind a network: what failed by chance is tried again, metadata is kept here.
    public static let usualLayers = [PluginChoice].remoteLayers

    public let capabilities: TargetCapabilities
    private let settings: Settings
    private let context: PluginContext
    private let connections = Connections()
    private let collections: Collections
    private let tree: WebDAVTree

    public init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        guard settings.url.hasPrefix("https://") || settings.url.hasPrefix("http://") else {
            throw EngineError(.configuration, "`url` must begin with `https://` or `http://`")
        }
        self.settings = settings
        self.context = context
        capabilities = TargetCapabilities(
            hasAtomicCreate: settings.exclusiveMove, parallelism: max(1, Int(settings.requests)))
        collections = Collections(connections)
        tree = WebDAVTree(connections)
    }

    public func open() async throws(EngineError) {
        let password: String?
        if let secret = settings.password { password = try context.reveal(secret) } else { password = nil }
        var url = settings.url
        while url.hasSuffix("/") { url.removeLast() }
        connections.open(
            Connections.Access(
                root: url, username: settings.username, password: password, ca: settings.ca.map(context.resolve)))
        try collections.make("")
        try collections.make(Self.temporary)
    }

    public func put(_ key: ObjectKey, _ content: Buffer) async throws(EngineError) {
        guard try fileSize(key.text) == nil else { throw Self.taken(key) }
        let draft = Self.temporary + "/" + String(UInt64.random(in: 0 ... .max), radix: 16)
        do throws(EngineError) {
            try content.withBytes { bytes throws(EngineError) in
                try connections.request("PUT", draft, body: bytes).require(200...299, "put", key.text)
            }
            try collections.makeParent(of: key.text)
            try move(draft, to: key)
        } catch {
            _ = try? connections.request("DELETE", draft)
            throw error
        }
    }

    public func get(_ key: ObjectKey, _ range: Range<Int>?, into output: Buffer) async throws(EngineError) {
        let before = output.count
        guard let size = try fileSize(key.text) else { throw EngineError(.notFound, "\(place(key)) is not there") }
        let wanted = range ?? 0..<size
        guard wanted.lowerBound >= 0, wanted.upperBound <= size, wanted.count <= output.room else {
            throw EngineError(
                .corrupt, "\(place(key)) has \(size) bytes; \(wanted) is asked for, \(output.room) bytes have room")
        }
        guard !wanted.isEmpty else { return }
        do throws(EngineError) {
            let isPart = wanted.count < size
            try connections.request("GET", key.text, range: isPart ? wanted : nil, into: output)
                .require(isPart ? 206...206 : 200...200, "get", key.text)
            guard output.count - before == wanted.count else {
                throw EngineError(
                    .unreachable, "\(place(key)): the answer ended after \(output.count - before) bytes of \(wanted)",
                    isRetryable: true)
            }
        } catch {
            output.truncate(to: before)
            throw error
        }
    }

    public func size(of key: ObjectKey) async throws(EngineError) -> Int? { try fileSize(key.text) }

    /// Asks first: deleting a collection would delete all in it.
    public func delete(_ key: ObjectKey) async throws(EngineError) {
        guard try fileSize(key.text) != nil else { return }
        let answer = try connections.request("DELETE", key.text)
        if answer.status != 404 { try answer.require(200...299, "delete", key.text) }
    }

    public func list(prefix: String) async throws(EngineError) -> [ListedObject] {
        let start = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        return try tree.files(below: start) { ($0 + "/").hasPrefix(prefix) || prefix.hasPrefix($0 + "/") }
            .compactMap { file in
                guard file.path.hasPrefix(prefix), let key = try? ObjectKey(file.path) else { return nil }
                return ListedObject(key: key, size: file.size, modified: file.modified)
            }
            .sorted { $0.key < $1.key }
    }

    /// Removes drafts that are older than a day, longer than any put lasts.
    public func sweep() async throws(EngineError) -> Int {
        var removed = 0
        for file in try tree.files(below: Self.temporary) where file.modified.adding(seconds: 86_400) < .now() {
            try connections.request("DELETE", file.path).require(200...404, "delete", file.path)
            removed += 1
        }
        return removed
    }

    public func close() async { connections.close() }

    private static let temporary = ".tmp"

    private func place(_ key: ObjectKey) -> String { connections.url(of: key.text) }

    private static func taken(_ key: ObjectKey) -> EngineError {
        EngineError(.alreadyExists, "\(key) is at the server already")
    }

    /// Nil also for a collection: that is no object.
    private func fileSize(_ path: String) throws(EngineError) -> Int? {
        let answer = try connections.request("HEAD", path)
        if answer.status == 404 || answer.status == 405 { return nil }
        try answer.require(200...299, "look at", path)
        return answer.length
    }

    /// Gives a draft its name. A server that is moving another draft to the same name says so, and is asked again.
    private func move(_ draft: String, to key: ObjectKey) throws(EngineError) {
        for _ in 0..<100 {
            let answer = try connections.request(
                "MOVE", draft, headers: ["Destination: \(place(key))", "Overwrite: F"])
            switch answer.status {
            case 412: throw Self.taken(key)
            case 423: Pause.short()
            default: return try answer.require(200...299, "name", key.text)
            }
        }
        throw EngineError(.rateLimited, "\(place(key)) is locked at the server", isRetryable: true)
    }
}
