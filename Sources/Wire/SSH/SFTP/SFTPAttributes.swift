/// What a server says about a file.
package struct SFTPAttributes: Sendable, Equatable {
    package enum Form: Sendable, Equatable { case file, folder, other, unsaid }

    /// Bytes.
    package var size: UInt64?
    package var form: Form = .unsaid
    /// Seconds since 1970, by the server's clock.
    package var modified: UInt32?
    /// When it was last read, in the same way.
    package var accessed: UInt32?

    init(_ reader: inout WireReader) throws(WireError) {
        let flags = try reader.number()
        if flags & 1 != 0 { size = try reader.longNumber() }
        if flags & 2 != 0 {
            _ = try reader.number()
            _ = try reader.number()
        }
        if flags & 4 != 0 {
            switch try reader.number() & 0o170000 {
            case 0o100000: form = .file
            case 0o040000: form = .folder
            case 0: form = .unsaid
            default: form = .other
            }
        }
        if flags & 8 != 0 {
            accessed = try reader.number()
            modified = try reader.number()
        }
        if flags & 0x8000_0000 != 0 {
            for _ in 0..<(try reader.number()) {
                _ = try reader.bytes()
                _ = try reader.bytes()
            }
        }
    }
}

/// One name of a folder.
package struct SFTPName: Sendable, Equatable {
    package let name: String
    package let attributes: SFTPAttributes
}

/// How much room a file system has.
package struct SFTPSpace: Sendable, Equatable {
    /// Bytes that this user may still write.
    package let available: UInt64
    /// Whether no further file can be made.
    package let isOutOfFiles: Bool
    package let isReadOnly: Bool
}
