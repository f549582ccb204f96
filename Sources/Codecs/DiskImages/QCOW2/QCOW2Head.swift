import Engine

/// What is needed to find the clusters of an image, and that it can be read at all.
struct QCOW2Head: Sendable {
    let storage: any ImageStorage
    let header: QCOW2Header
    let extensions: QCOW2Extensions
    /// As written; nil for an image without a backing file.
    let backingName: String?

    /// - Throws: `.corrupt`, `.unsupported`.
    static func load(_ storage: any ImageStorage) async throws(EngineError) -> QCOW2Head {
        do throws(EngineError) {
            let head = try await parsed(storage)
            try head.checkSupported()
            return head
        } catch {
            throw error.at(storage.name)
        }
    }

    /// The head of an image that may need what nobody here knows.
    static func parsed(_ storage: any ImageStorage) async throws(EngineError) -> QCOW2Head {
        let start = try await fields(of: storage, upTo: UInt64(QCOW2Layout.headerSize))
        guard start.bytes.count >= QCOW2Layout.headerSizeBefore else {
            throw EngineError(.corrupt, "a file of \(storage.size) bytes is too short for a header")
        }
        let header = try QCOW2Header(start)
        let cluster = try await fields(of: storage, upTo: header.clusterSize)
        guard cluster.bytes.count >= header.headerSize else {
            throw EngineError(.corrupt, "the file ends at \(storage.size), within its header: it is cut off")
        }
        let name = header.backingName
        guard name.end <= UInt64(cluster.bytes.count) else {
            throw EngineError(.corrupt, "the file ends at \(storage.size), before its backing file's name")
        }
        let end = name.isEmpty ? cluster.bytes.count : Int(name.start)
        return QCOW2Head(
            storage: storage, header: header,
            extensions: try QCOW2Extensions(in: cluster, from: header.headerSize, to: end),
            backingName: name.isEmpty
                ? nil : String(decoding: cluster.slice(Int(name.start), Int(name.count)), as: UTF8.self))
    }

    private static func fields(of storage: any ImageStorage, upTo count: UInt64) async throws(EngineError)
        -> ImageFields
    {
        try await storage.fields(at: 0, count: Int(min(count, storage.size)), what: "the header")
    }

    private func checkSupported() throws(EngineError) {
        if let bit = header.features.unknownBits.first {
            let name = extensions.name(of: bit, in: .incompatible).map { "`\($0)`" } ?? "that it does not name"
            throw EngineError(.unsupported, "the image needs a feature \(name) (bit \(bit)), which is not supported")
        }
        switch header.encryption {
        case 0: break
        case 1: throw EngineError(.unsupported, "the image is encrypted by AES: decrypt it by `qemu-img convert` first")
        case 2:
            throw EngineError(.unsupported, "the image is encrypted by LUKS: decrypt it by `qemu-img convert` first")
        default: throw EngineError(.unsupported, "the image is encrypted by the unknown method \(header.encryption)")
        }
        guard header.l1.end <= storage.size else {
            throw EngineError(
                .corrupt,
                "the table of the first level should end at \(header.l1.end), but the file ends at \(storage.size): it "
                    + "is damaged or cut off")
        }
    }

    /// Whether clusters of the disk are in another file, each at its own offset.
    var hasExternalData: Bool { header.features.contains(.externalData) }

    /// What the reader has to forgive.
    var remarks: [String] {
        var remarks: [String] = []
        if header.features.contains(.dirty) {
            remarks.append("\(storage.name) was not closed: its refcounts may be old, which reading does not need")
        }
        if header.features.contains(.corrupt) {
            remarks.append("\(storage.name) was marked as damaged by whoever wrote it last: check it")
        }
        if header.snapshots > 0 {
            remarks.append("\(storage.name) has \(header.snapshots) internal snapshots: its present state is read")
        }
        return remarks
    }
}
