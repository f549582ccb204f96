/// Numbers of the SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02).
enum SFTPMessage {
    static let initialize: UInt8 = 1
    static let version: UInt8 = 2
    static let open: UInt8 = 3
    static let close: UInt8 = 4
    static let read: UInt8 = 5
    static let write: UInt8 = 6
    static let look: UInt8 = 7
    static let lookAtHandle: UInt8 = 8
    static let setAttributes: UInt8 = 9
    static let openFolder: UInt8 = 11
    static let readFolder: UInt8 = 12
    static let remove: UInt8 = 13
    static let makeFolder: UInt8 = 14
    static let realPath: UInt8 = 16
    static let lookThrough: UInt8 = 17
    static let rename: UInt8 = 18
    static let status: UInt8 = 101
    static let handle: UInt8 = 102
    static let data: UInt8 = 103
    static let names: UInt8 = 104
    static let attributes: UInt8 = 105
    static let extended: UInt8 = 200
    static let extendedReply: UInt8 = 201
}

/// How a file is opened.
package struct SFTPOpenMode: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = SFTPOpenMode(rawValue: 1)
    package static let write = SFTPOpenMode(rawValue: 2)
    package static let create = SFTPOpenMode(rawValue: 8)
    /// With `create`: fails when the file is there.
    package static let exclusive = SFTPOpenMode(rawValue: 32)
}

/// Extensions of OpenSSH (its file PROTOCOL, section 4).
package enum SFTPExtension: String, Sendable, CaseIterable {
    case fsync = "fsync@openssh.com"
    case hardlink = "hardlink@openssh.com"
    case limits = "limits@openssh.com"
    case statvfs = "statvfs@openssh.com"
}
