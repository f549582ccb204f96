/// The constants of repository format 1. Every one of them is written in `docs/formats/repository.md`.
package enum RepositoryFormat {
    package static let version = 1
    /// Bytes. Extents of a disk lie on multiples of it.
    package static let unit = 4096
    /// Bytes of disk that one leaf of a tree describes.
    package static let leafSpan = 4 << 20
    package static let unitsPerLeaf = leafSpan / unit
    /// Children of an inner node.
    package static let fanOut = 256
    /// Bytes. No chunk is larger, so that its length fits into an index entry.
    package static let chunkLimit = 4 << 20
    /// Bytes. No configuration or manifest is larger.
    package static let documentLimit = 64 << 20
    /// Bytes. No pack is larger.
    package static let packLimit = 256 << 20
    /// Bytes. No index run is larger.
    package static let indexLimit = 64 << 20
}
