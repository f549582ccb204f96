import Engine

/// Opens an image, its external data file, and the backing files below it.
struct QCOW2Reader {
    let context: PluginContext

    /// - Throws: `.corrupt`, `.unsupported`; `.notFound` and `.denied` for a backing file.
    func open(_ storage: any ImageStorage) async throws(EngineError) -> any DiskImage {
        let (heads, base) = try await chain(from: storage)
        var disk = base?.disk
        var parents = base.map { [$0.name] + $0.disk.facts.parents } ?? []
        for head in heads.reversed() {
            let clusters = QCOW2Clusters(head)
            let facts = await facts(clusters, parents)
            disk = QCOW2Disk(clusters, data: try await data(of: head), parent: disk, facts: facts)
            parents.insert(head.storage.name, at: 0)
        }
        guard let disk else { throw EngineError(.bug, "a chain of no disks") }
        return disk
    }

    /// What lies below a chain and is of another format.
    private struct Base {
        let name: String
        let disk: any DiskImage
    }

    /// The image and those below it, the lowest last.
    private func chain(from storage: any ImageStorage) async throws(EngineError) -> ([QCOW2Head], Base?) {
        var heads = [try await QCOW2Head.load(storage)]
        while let child = heads.last, let name = child.backingName {
            guard heads.count < QCOW2Layout.longestChain else {
                throw EngineError(
                    .unsupported, "\(storage.name) has more than \(QCOW2Layout.longestChain) backing files")
            }
            let file = try await ParentPath.open(Self.paths(name, of: child), from: child.storage)
            let format = try await backingFormat(of: child, file)
            guard format == QCOW2Image.name else {
                let disk = try await Registry<any ImageFormat>.builtin.make(.usual(format), in: context).open(file)
                return (heads, Base(name: file.name, disk: disk))
            }
            heads.append(try await QCOW2Head.load(file))
        }
        return (heads, nil)
    }

    /// Where the backing file may be, as written first.
    static func paths(_ name: String, of child: QCOW2Head) throws(EngineError) -> [String] {
        let path = name.hasPrefix("file:") && !name.hasPrefix("file://") ? String(name.dropFirst(5)) : name
        guard !path.contains("\0") else {
            throw EngineError(.corrupt, "\(child.storage.name): the name of its backing file is damaged")
        }
        guard !isOfProtocol(path) else {
            throw EngineError(
                .unsupported, "\(child.storage.name) names `\(path)` as its backing file: only files can be read")
        }
        return [path] + [ParentPath.lastPart(path)].compactMap(\.self)
    }

    /// `nbd://host/disk`, `json:{…}`: a word and a colon before any slash.
    private static func isOfProtocol(_ path: String) -> Bool {
        guard let colon = path.firstIndex(of: ":") else { return false }
        return !path[..<colon].contains("/")
    }

    /// QEMU's names of formats that have another one here.
    private static let formatNames = ["vpc": "vhd", "file": "raw", "host_device": "raw"]

    /// The format that the child names, or by its looks the one that it is.
    private func backingFormat(of child: QCOW2Head, _ file: any ImageStorage) async throws(EngineError) -> String {
        if let named = child.extensions[.backingFormat]?.text {
            let format = Self.formatNames[named] ?? named
            guard Registry<any ImageFormat>.builtin.entries.contains(where: { $0.name == format }) else {
                throw EngineError(
                    .unsupported,
                    "\(child.storage.name): its backing file is of the format `\(named)`, which is not "
                        + "supported")
            }
            return format
        }
        for entry in Registry<any ImageFormat>.builtin.entries {
            let format = try Registry<any ImageFormat>.builtin.make(.usual(entry.name), in: context)
            if try await format.recognition(of: file) == .certain { return entry.name }
        }
        return "raw"
    }

    /// The file that the standard clusters are in.
    private func data(of head: QCOW2Head) async throws(EngineError) -> any ImageStorage {
        guard head.hasExternalData else { return head.storage }
        guard let name = head.extensions[.externalData]?.text, !name.isEmpty else {
            throw EngineError(.unsupported, "\(head.storage.name) does not name the file that its data is in")
        }
        return try await ParentPath.open(Self.paths(name, of: head), from: head.storage)
    }

    private func facts(_ clusters: QCOW2Clusters, _ parents: [String]) async -> ImageFacts {
        let (head, header) = (clusters.head, clusters.head.header)
        var details: [ImageFacts.Detail] = [
            .init("version", "\(header.version)"), .init("cluster size", "\(header.clusterSize)"),
            .init("refcount bits", "\(1 << header.refcountOrder)"), .init("compression", "\(header.compression)"),
        ]
        if header.hasSubclusters { details.append(.init("subclusters", "yes")) }
        if header.snapshots > 0 { details.append(.init("internal snapshots", "\(header.snapshots)")) }
        if let name = head.backingName { details.append(.init("backing file", name)) }
        if let data = head.extensions[.externalData]?.text { details.append(.init("data file", data)) }
        let variant = await clusters.hasCompressed() ? "\(header.compression)" : "plain"
        return ImageFacts(
            format: QCOW2Image.name, variant: variant, details: details, remarks: head.remarks, parents: parents)
    }
}
