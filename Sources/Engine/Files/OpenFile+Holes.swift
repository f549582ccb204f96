import Glibc

extension OpenFile {
    // Linux's `SEEK_DATA` and `SEEK_HOLE`, which the C library shows only to programs that ask for GNU extensions.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    /// The first range at or after `offset` that is no hole; nil when there is only hole up to the end.
    ///
    /// On a file system without holes all is data.
    package func nextData(from offset: UInt64) throws(EngineError) -> ByteRange? {
        let start = lseek(descriptor, off_t(offset), Self.seekData)
        if start < 0 {
            switch errno {
            case ENXIO: return nil
            case EINVAL:
                let end = UInt64(try status().st_size)
                return offset < end ? ByteRange(offset, end) : nil
            default: throw .system("find the data of", path)
            }
        }
        let end = lseek(descriptor, start, Self.seekHole)
        guard end >= start else { throw .system("find the holes of", path) }
        return ByteRange(UInt64(start), UInt64(end))
    }
}
