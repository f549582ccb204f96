/// Block blobs in parts.
extension Store {
    private static let largestID = 64
    private static let mostCommitted = 50_000
    private static let mostUncommitted = 100_000

    func putBlock(_ request: StoreRequest) throws(AzureError) -> Answer {
        let call = request.call
        try Self.checkBlobName(request.name)
        guard let id = call.parameter("blockid") else { throw .missingQuery("blockid") }
        guard let bytes = Base64.decode(id), (1...Self.largestID).contains(bytes.count) else {
            throw .invalidQuery("blockid", id)
        }
        guard request.body.count > 0 else { throw .invalidHeader("Content-Length", "0") }
        var blob = try container(request)[request.name] ?? Blob()
        guard blob.kind == .block else { throw .invalidBlobType }
        if blob.isCommitted && !request.grant.overwrites { throw .overwriteForbidden }
        try blob.lease.check(call["x-ms-lease-id"], writing: true, request.now)
        guard blob.uncommittedBlocks.first.map({ Base64.decode($0.id)?.count == bytes.count }) ?? true else {
            throw .invalidBlockID
        }
        let block = Blob.Block(id: id, content: request.body)
        if let index = blob.uncommittedBlocks.firstIndex(where: { $0.id == id }) {
            blob.uncommittedBlocks[index] = block
        } else {
            guard blob.uncommittedBlocks.count < Self.mostUncommitted else {
                throw AzureError(
                    409, "BlockCountExceedsLimit",
                    "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks.")
            }
            blob.uncommittedBlocks.append(block)
        }
        if !blob.isCommitted { blob.modified = request.now }
        containers[request.containerKey]?[request.name] = blob
        return Answer(status: 201, headers: request.checksums + [("x-ms-request-server-encrypted", "true")])
    }

    func putBlockList(_ request: StoreRequest) throws(AzureError) -> Answer {
        let list = try XMLDocument.parse(request.document)
        guard list.name == "BlockList" else { throw .invalidXML }
        guard list.children.count <= Self.mostCommitted else {
            throw AzureError(
                400, "BlockListTooLong", "The block list may not contain more than 50,000 blocks.")
        }
        let old = try replaceable(request) ?? Blob()
        guard old.kind == .block else { throw .invalidBlobType }
        var blob = Blob()
        blob.committedBlocks = try Self.blocks(list.children, of: old)
        blob.content = Extents(blob.committedBlocks.map(\.content))
        blob.size = blob.committedBlocks.reduce(0) { $0 + $1.content.count }
        blob.isCommitted = true
        blob.created = old.isCommitted ? old.created : request.now
        blob.lease = old.lease
        blob.metadata = try request.metadata()
        blob.properties = Self.properties(request.call, orStandard: false)
        return request.changed(201, keep(blob, request), request.checksums)
    }

    private static func blocks(
        _ entries: [XMLDocument.Element], of blob: Blob
    ) throws(AzureError) -> [Blob.Block] {
        func index(_ blocks: [Blob.Block]) -> [String: Blob.Block] {
            Dictionary(blocks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let committed = index(blob.committedBlocks)
        let uncommitted = index(blob.uncommittedBlocks)
        var blocks: [Blob.Block] = []
        for entry in entries {
            let id = entry.text
            let found: Blob.Block? =
                switch entry.name {
                case "Committed": committed[id]
                case "Uncommitted": uncommitted[id]
                case "Latest": uncommitted[id] ?? committed[id]
                default: throw .invalidXML
                }
            guard let found else { throw .invalidBlockList }
            blocks.append(found)
        }
        return blocks
    }

    func blockList(_ request: StoreRequest) throws(AzureError) -> Answer {
        let type = request.call.parameter("blocklisttype") ?? "committed"
        guard ["committed", "uncommitted", "all"].contains(type) else { throw .invalidQuery("blocklisttype", type) }
        guard let blob = try container(request)[request.name] else { throw .blobNotFound }
        guard blob.kind == .block else { throw .invalidBlobType }
        try blob.lease.check(request.call["x-ms-lease-id"], writing: false, request.now)
        if blob.isCommitted { try request.conditions.checkRead(etag: blob.etag, modified: blob.modified) }
        var document = XMLText()
        document.element("BlockList") { list in
            if type != "uncommitted" { Self.write("CommittedBlocks", blob.committedBlocks, into: &list) }
            if type != "committed" { Self.write("UncommittedBlocks", blob.uncommittedBlocks, into: &list) }
        }
        var answer = Answer.xml(document)
        answer.headers.append(("x-ms-blob-content-length", "\(blob.isCommitted ? blob.size : 0)"))
        if blob.isCommitted {
            answer.headers += [("ETag", blob.etag), ("Last-Modified", blob.modified.httpDate)]
        }
        return answer
    }

    private static func write(_ name: String, _ blocks: [Blob.Block], into list: inout XMLText) {
        list.element(name) { list in
            for block in blocks {
                list.element("Block") { entry in
                    entry.element("Name", block.id)
                    entry.element("Size", "\(block.content.count)")
                }
            }
        }
    }
}
