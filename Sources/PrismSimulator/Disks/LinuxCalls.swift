import Glibc

/// Calls of Linux that the C headers only show to GNU programs; looked up by name when the first disk is opened.
enum LinuxCalls {
    typealias CopyFileRange =
        @convention(c) (
            Int32, UnsafeMutablePointer<off_t>?, Int32, UnsafeMutablePointer<off_t>?, Int, UInt32
        ) -> Int
    typealias Fallocate = @convention(c) (Int32, Int32, off_t, off_t) -> Int32

    static let seekData: Int32 = 3
    static let seekHole: Int32 = 4
    /// Punch a hole, keep the size.
    static let punchHole: Int32 = 3
    /// `FICLONE`: share the blocks of another file.
    static let clone: UInt = 0x4004_9409

    static let copyFileRange: CopyFileRange? = find("copy_file_range", as: CopyFileRange.self)
    static let fallocate: Fallocate? = find("fallocate", as: Fallocate.self)

    private static func find<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(dlopen(nil, RTLD_NOW), name).map { unsafeBitCast($0, to: type) }
    }
}
