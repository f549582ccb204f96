import Engine

/// A line of a descriptor that names a part of the disk: `RW 2097152 SPARSE "disk.vmdk"`.
struct VMDKExtentLine: Sendable, Equatable {
    enum Access: String, Sendable {
        case readWrite = "RW"
        case readOnly = "RDONLY"
        case none = "NOACCESS"
    }

    enum Kind: String, Sendable {
        case flat = "FLAT"
        case sparse = "SPARSE"
        case zero = "ZERO"
        case vmfs = "VMFS"
        case vmfsSparse = "VMFSSPARSE"
        case seSparse = "SESPARSE"

        var isFlat: Bool { self == .flat || self == .vmfs }
    }

    var access = Access.readWrite
    let sectors: UInt64
    let kind: Kind
    /// The file's name, empty for `ZERO`.
    var file = ""
    /// Sectors into the file; nil where none is written.
    var offset: UInt64?

    init(sectors: UInt64, kind: Kind, file: String, offset: UInt64? = nil) {
        self.sectors = sectors
        self.kind = kind
        self.file = file
        self.offset = offset
    }

    /// Whether a line means to be one of an extent.
    static func isOne(_ line: Substring) -> Bool {
        guard let word = line.split(separator: " ", maxSplits: 1).first else { return false }
        return Access(rawValue: word.uppercased()) != nil
    }

    /// - Throws: `.corrupt` for a line that makes no sense, `.unsupported` for another kind of extent.
    init(_ line: Substring) throws(EngineError) {
        let parts = line.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        let words = (parts.first ?? "").split { $0 == " " || $0 == "\t" }
        guard words.count == 3, let access = Access(rawValue: words[0].uppercased()),
            let sectors = UInt64(words[1]), sectors <= VMDKLayout.mostBytes / VMDKLayout.sector
        else { throw EngineError(.corrupt, "the descriptor's line `\(line)` is no extent") }
        guard let kind = Kind(rawValue: words[2].uppercased()) else {
            throw EngineError(.unsupported, "extents of the kind \(words[2]) are not supported: `\(line)`")
        }
        self.access = access
        self.sectors = sectors
        self.kind = kind
        guard kind != .zero || parts.count > 1 else { return }
        guard parts.count == 3, !parts[1].isEmpty, !parts[1].contains("\0") else {
            throw EngineError(.corrupt, "the descriptor's line `\(line)` names no file")
        }
        file = String(parts[1])
        let rest = parts[2].split { $0 == " " || $0 == "\t" }
        guard let first = rest.first else { return }
        guard let offset = UInt64(first), offset <= VMDKLayout.mostBytes / VMDKLayout.sector else {
            throw EngineError(.corrupt, "the descriptor's line `\(line)` has no number behind the file")
        }
        self.offset = offset
    }

    var text: String {
        let end = offset.map { " \($0)" } ?? ""
        return kind == .zero
            ? "\(access.rawValue) \(sectors) ZERO" : "\(access.rawValue) \(sectors) \(kind.rawValue) \"\(file)\"\(end)"
    }
}
