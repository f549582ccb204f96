/// Finds the files of a tar.
struct TarReader {
    struct Member: Sendable, Equatable {
        let name: String
        /// Where its bytes are.
        let range: ByteRange
    }

    let file: any ImageStorage

    private static let mostMembers = 4096
    /// Bytes of a name or of a pax header.
    private static let mostExtra: UInt64 = 64 << 10

    /// Whether a file looks like a tar.
    static func recognizes(_ file: any ImageStorage) async throws(EngineError) -> Bool {
        guard file.size >= UInt64(TarHeader.size) else { return false }
        let fields = try await file.fields(at: 0, count: TarHeader.size, what: "the first header")
        return (try? TarHeader(fields)) != nil
    }

    /// - Throws: `.corrupt` for a damaged archive; `.unsupported` for links.
    func members() async throws(EngineError) -> [Member] {
        do throws(EngineError) {
            return try await found()
        } catch {
            throw error.at(file.name)
        }
    }

    private func found() async throws(EngineError) -> [Member] {
        var members: [Member] = []
        var extra = Extra()
        var position: UInt64 = 0
        var headers = 0
        while position < file.size {
            let fields = try await file.fields(at: position, count: TarHeader.size, what: "a header of the tar")
            guard var header = try TarHeader(fields) else { return members }
            headers += 1
            guard headers <= 2 * Self.mostMembers else {
                throw EngineError(.unsupported, "it has more than \(Self.mostMembers) files")
            }
            if header.kind == .file, let count = extra.count { header.count = count }
            let start = position + UInt64(TarHeader.size)
            guard header.count <= file.size - start else {
                throw EngineError(
                    .corrupt, "\(header.name) should have \(header.count) bytes, but the file ends before")
            }
            let range = ByteRange(start: start, count: header.count)
            switch header.kind {
            case .file:
                members.append(Member(name: try Self.checked(extra.name ?? header.name), range: range))
                extra = Extra()
            case .folder, .extendedForAll: break
            case .extended, .longName: try await take(range, header.kind == .longName, into: &extra)
            case .hardLink, .symbolicLink, nil:
                throw EngineError(.unsupported, "\(header.name) is neither a file nor a folder")
            }
            position = start + TarHeader.padded(header.count)
        }
        return members
    }

    /// What stands before a file's header.
    private struct Extra {
        var name: String?
        var count: UInt64?
    }

    private func take(_ range: ByteRange, _ isName: Bool, into extra: inout Extra) async throws(EngineError) {
        guard range.count <= Self.mostExtra else {
            throw EngineError(.unsupported, "a header of the tar has \(range.count) bytes")
        }
        let bytes = try await file.fields(at: range.start, count: Int(range.count), what: "a header of the tar").bytes
        guard !isName else { return extra.name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        var rest = bytes[...]
        while let blank = rest.firstIndex(of: 0x20) {
            guard let count = Int(String(decoding: rest[..<blank], as: UTF8.self)), count > blank - rest.startIndex + 1,
                count <= rest.count
            else { throw EngineError(.corrupt, "a pax header of the tar is damaged") }
            let record = rest[(blank + 1)..<(rest.startIndex + count - 1)]
            rest = rest[(rest.startIndex + count)...]
            let parts = record.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 2 else { continue }
            if parts[0] == "path" { extra.name = parts[1] }
            if parts[0] == "size" {
                guard let number = UInt64(parts[1]) else {
                    throw EngineError(.corrupt, "a pax header has a wrong size")
                }
                extra.count = number
            }
        }
    }

    private static func checked(_ name: String) throws(EngineError) -> String {
        let name = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
        guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw EngineError(.denied, "the tar has a file called `\(name)`")
        }
        return name
    }
}
