/// One file of a disk image as its reader sees it: bytes at offsets, and the files beside it.
///
/// As a `BlockReader` it is the file's own bytes; its holes are zero extents.
public protocol ImageStorage: BlockReader {
    /// What people call the file, for messages.
    var name: String { get }

    /// Another file that this one names: a parent, an extent. `path` comes from the file and is not trusted.
    /// - Throws: `.denied` when it leads out of what may be read; `.notFound`.
    func related(_ path: String) async throws(EngineError) -> any ImageStorage
}
