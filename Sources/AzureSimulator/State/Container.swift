/// A container and its blobs.
struct Container: Sendable {
    var modified: Instant
    var etag: String
    var metadata: [(name: String, value: String)]
    private(set) var blobs: [BlobName: Blob] = [:]
    /// In byte order.
    private(set) var names: [BlobName] = []

    init(modified: Instant, etag: String, metadata: [(name: String, value: String)]) {
        self.modified = modified
        self.etag = etag
        self.metadata = metadata
    }

    subscript(name: BlobName) -> Blob? {
        get { blobs[name] }
        set {
            let wasThere = blobs[name] != nil
            blobs[name] = newValue
            if wasThere == (newValue != nil) { return }
            let index = index(of: name)
            if wasThere { names.remove(at: index) } else { names.insert(name, at: index) }
        }
    }

    /// Changes a blob where it is: its runs are not copied.
    mutating func change(_ name: BlobName, _ body: (inout Blob) -> Void) {
        guard let index = blobs.index(forKey: name) else { return }
        body(&blobs.values[index])
    }

    /// Index of the first name that is not before `name`.
    func index(of name: BlobName) -> Int {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
