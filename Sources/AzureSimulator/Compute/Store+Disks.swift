/// The bytes of managed disks: page blobs of accounts of their own.
extension Store {
    /// The name of the blob in the account of every disk.
    static let diskBlob = BlobName("abcd")

    /// Makes an empty disk.
    ///
    /// - Parameter size: in bytes, with the footer.
    func makeDisk(_ account: String, _ container: String, size: Int) {
        var blob = Blob()
        blob.kind = .page
        blob.isCommitted = true
        blob.size = size
        blob.etag = nextTag()
        hold(blob, account, container)
    }

    /// Makes a disk of what a page blob has now; no byte is copied.
    func copyDisk(_ account: String, _ container: String, from blob: Blob) {
        var copy = Blob()
        copy.kind = .page
        copy.isCommitted = true
        copy.size = blob.size
        copy.content = blob.content
        copy.etag = nextTag()
        hold(copy, account, container)
    }

    private func hold(_ blob: Blob, _ account: String, _ container: String) {
        var holder = Container(modified: blob.modified, etag: nextTag(), metadata: [])
        holder[Self.diskBlob] = blob
        containers["\(account)/\(container)"] = holder
    }

    func removeDisk(_ account: String, _ container: String) { containers["\(account)/\(container)"] = nil }

    /// nil when there is none.
    func blob(_ account: String, _ container: String, _ name: BlobName) -> Blob? {
        containers["\(account)/\(container)"]?[name]
    }
}
