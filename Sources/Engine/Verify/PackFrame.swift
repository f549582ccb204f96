/// What surrounds the blobs of a pack: its header and its footer. Two small reads tell packs that are cut short, empty,
/// under a wrong name or of another version, without reading them.
struct PackFrame: Sendable {
    let id: PackID
    let kind: PackKind

    /// - Returns: what is wrong, nil when nothing is.
    /// - Throws: what the target throws, except what only says that this pack is damaged.
    func fault(size: Int, at target: any Target) async throws(EngineError) -> String? {
        if let fault = fault(ofSize: size) { return fault }
        let key = ObjectLayout.pack(id, kind)
        let header = Buffer(capacity: PackLayout.headerCount)
        let footer = Buffer(capacity: PackLayout.footerCount)
        do {
            try await target.get(key, 0..<PackLayout.headerCount, into: header)
            try await target.get(key, (size - PackLayout.footerCount)..<size, into: footer)
        } catch  where error.kind == .corrupt {
            return error.message
        }
        return header.withBytes { fault(ofHeader: $0) } ?? footer.withBytes { fault(ofFooter: $0, size: size) }
    }

    func fault(ofSize size: Int) -> String? {
        if size == 0 { return "it is empty" }
        guard size >= PackLayout.headerCount + PackLayout.footerCount else { return "it is cut short at \(size) bytes" }
        guard size <= RepositoryFormat.packLimit else { return "it has an impossible size of \(size) bytes" }
        return nil
    }

    /// - Parameter header: the pack's first bytes.
    func fault(ofHeader header: RawSpan) -> String? {
        var reader = ByteReader(header, what: "the pack")
        do {
            try reader.expect(magic: PackLayout.magic)
            let version = try reader.read(UInt16.self)
            guard version == RepositoryFormat.version else {
                return "\(SealCheck.laterVersion)\(version); this program reads \(RepositoryFormat.version): update it"
            }
            let found = try reader.read(UInt8.self)
            try reader.skip(5)
            let name = try reader.readPackID()
            guard name == id else { return "it is pack \(name) under the name of another" }
            guard found == kind.rawValue else { return "it is a pack of another kind" }
            return nil
        } catch {
            return "its header is damaged"
        }
    }

    /// - Parameter footer: the pack's last bytes.
    private func fault(ofFooter footer: RawSpan, size: Int) -> String? {
        var reader = ByteReader(footer, what: "the pack")
        do {
            let table = Int(try reader.read(UInt32.self))
            let entries = Int(try reader.read(UInt32.self))
            try reader.skip(PackLayout.footerCount - 16)
            try reader.expect(magic: PackLayout.endMagic)
            guard table + entries * PackLayout.entryCount + PackLayout.footerCount == size else {
                return "its size of \(size) bytes does not fit its table"
            }
            return nil
        } catch {
            return "it is cut short at \(size) bytes, or its end is damaged"
        }
    }
}
