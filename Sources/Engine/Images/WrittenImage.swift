/// What became of a disk that was written as an image.
public struct WrittenImage: Sendable, Equatable {
    /// Bytes of the disk in the image: the disk's own, or more where the format demands it.
    public let diskSize: UInt64
    /// Bytes of all files.
    public let fileSize: UInt64
    /// What is not as in the disk, one sentence each: a size that was rounded up.
    public var remarks: [String]

    public init(diskSize: UInt64, fileSize: UInt64, remarks: [String] = []) {
        self.diskSize = diskSize
        self.fileSize = fileSize
        self.remarks = remarks
    }
}
