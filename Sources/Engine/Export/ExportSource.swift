/// The disk as an export reads it: whole, and digested on the way, or what an interrupted export has left to do.
struct ExportSource: Sendable {
    let reader: any BlockReader
    private let content: ContentDigest?

    init(_ disk: any BlockReader, done: UInt64, isDigested: Bool) {
        if done > 0 {
            reader = ResumedDisk(disk: disk, done: done)
            content = nil
        } else if isDigested {
            let content = ContentDigest(of: disk)
            reader = content
            self.content = content
        } else {
            reader = disk
            content = nil
        }
    }

    /// Of the disk; nil when it was not read in order from its beginning.
    func digest() async throws(EngineError) -> Digest? { try await content?.value() ?? nil }
}
