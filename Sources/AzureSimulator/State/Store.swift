/// Everything the accounts hold, and what may be done to it: one request after the other.
actor Store {
    /// Containers by `account/name`.
    var containers: [String: Container] = [:]
    private var changes = 0

    /// - Parameter containers: those that are there from the start, as `account/name`.
    init(containers: [String]) {
        for (number, key) in containers.enumerated() {
            self.containers[key] = Container(modified: .now(), etag: "\"0x8C0\(number)\"", metadata: [])
        }
    }

    /// Does what an authorized request asks for.
    ///
    /// - Parameters:
    ///   - body: what it carried, kept already.
    ///   - listLimit: the most entries that a list may have in this answer.
    /// - Throws: `AzureError`.
    func perform(
        _ operation: Operation, _ request: StoreRequest, listLimit: Int?
    ) throws(AzureError) -> Answer {
        switch operation {
        case .listContainers: try listContainers(request.call)
        case .getAccountInformation: accountInformation()
        case .createContainer: try createContainer(request)
        case .deleteContainer: try deleteContainer(request)
        case .getContainerProperties: try containerProperties(request)
        case .listBlobs: try listBlobs(request, limit: listLimit)
        case .putBlob: try putBlob(request)
        case .getBlob: try getBlob(request)
        case .getBlobProperties: try blobProperties(request)
        case .setBlobProperties: try setProperties(request)
        case .getBlobMetadata: try blobMetadata(request)
        case .setBlobMetadata: try setMetadata(request)
        case .deleteBlob: try deleteBlob(request)
        case .leaseBlob: try leaseBlob(request)
        case .putBlock: try putBlock(request)
        case .putBlockList: try putBlockList(request)
        case .getBlockList: try blockList(request)
        case .putPage: try putPage(request)
        case .clearPage: try clearPage(request)
        case .getPageRanges: try pageRanges(request)
        case .getUserDelegationKey, .token, .managedIdentityToken, .discovery: Answer(status: 501)
        }
    }

    /// A tag that was never given before.
    func nextTag() -> String {
        changes += 1
        let digits = String(changes, radix: 16, uppercase: true)
        return "\"0x8D" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "\""
    }

    /// - Throws: `ContainerNotFound`.
    func container(_ request: StoreRequest) throws(AzureError) -> Container {
        guard let container = containers[request.containerKey] else { throw .containerNotFound }
        return container
    }

    /// The blob a read is about.
    ///
    /// - Throws: 404; 304 or 412 when conditions do not hold; 412 when a lease was named that is none.
    func readable(_ request: StoreRequest) throws(AzureError) -> Blob {
        guard let blob = try container(request)[request.name], blob.isCommitted else { throw .blobNotFound }
        try blob.lease.check(request.call["x-ms-lease-id"], writing: false, request.now)
        try request.conditions.checkRead(etag: blob.etag, modified: blob.modified)
        return blob
    }

    /// The blob that a change is about.
    ///
    /// - Throws: 404; 412 when conditions or the lease do not allow it.
    func writable(_ request: StoreRequest) throws(AzureError) -> Blob {
        guard let blob = try container(request)[request.name], blob.isCommitted else { throw .blobNotFound }
        try request.conditions.checkWrite(etag: blob.etag, modified: blob.modified)
        try blob.lease.check(request.call["x-ms-lease-id"], writing: true, request.now)
        return blob
    }

    /// What is at the place where a blob is to be created.
    ///
    /// - Throws: 409 when it may only be created and is there; 412 when conditions or the lease do not allow it.
    func replaceable(_ request: StoreRequest) throws(AzureError) -> Blob? {
        let there = try container(request)[request.name]
        let old = there?.isCommitted == true ? there : nil
        if old != nil && request.conditions.isCreateOnly { throw .blobExists }
        if old != nil && !request.grant.overwrites { throw .overwriteForbidden }
        try request.conditions.checkWrite(etag: old?.etag, modified: old?.modified)
        if let old {
            try old.lease.check(request.call["x-ms-lease-id"], writing: true, request.now)
        } else {
            try Lease().check(request.call["x-ms-lease-id"], writing: true, request.now)
        }
        return there
    }

    /// Changes a blob where it is, with a new tag and time.
    ///
    /// - Returns: what the answer needs to tell of it.
    func change(_ request: StoreRequest, _ body: (inout Blob) -> Void) -> Blob {
        let etag = nextTag()
        var summary = Blob()
        containers[request.containerKey]?.change(request.name) { blob in
            body(&blob)
            blob.etag = etag
            blob.modified = request.now
            summary.sequenceNumber = blob.sequenceNumber
        }
        summary.etag = etag
        summary.modified = request.now
        return summary
    }

    /// Keeps a changed blob, with a new tag and time.
    func keep(_ blob: Blob, _ request: StoreRequest) -> Blob {
        var blob = blob
        blob.etag = nextTag()
        blob.modified = request.now
        containers[request.containerKey]?[request.name] = blob
        return blob
    }
}
