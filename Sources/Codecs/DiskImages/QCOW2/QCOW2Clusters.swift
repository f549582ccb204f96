import Engine

/// Where the clusters of an image are: its tables of both levels.
struct QCOW2Clusters: Sendable {
    let head: QCOW2Head
    private let pages: QCOW2Pages

    init(_ head: QCOW2Head) {
        self.head = head
        pages = QCOW2Pages(head.storage)
    }

    private var header: QCOW2Header { head.header }

    /// What becomes of a cluster, and of how many from there on the same can be said at once.
    /// - Throws: `.corrupt` for tables that make no sense.
    func place(of cluster: UInt64) async throws(EngineError) -> (place: QCOW2Place, count: UInt64) {
        let index = cluster % header.l2Entries
        guard let table = try await table(of: cluster) else { return (.parent, header.l2Entries - index) }
        let entry = try await entry(index, of: table)
        do throws(EngineError) {
            return (try entry.place(header), 1)
        } catch {
            throw EngineError(error.kind, "\(head.storage.name): cluster \(cluster): \(error.message)")
        }
    }

    /// Where the table of the second level is that a cluster has its entry in; nil when there is none.
    private func table(of cluster: UInt64) async throws(EngineError) -> UInt64? {
        let index = cluster / header.l2Entries
        let entry = try await pages.big64(at: header.l1Offset + index * 8, what: "the table of the first level")
        let table = entry & QCOW2Layout.offsetMask
        guard table % header.clusterSize == 0 else {
            throw EngineError(
                .corrupt,
                "\(head.storage.name): entry \(index) of the first level names the table at \(table), which is not on "
                    + "a cluster")
        }
        return table == 0 ? nil : table
    }

    private func entry(_ index: UInt64, of table: UInt64) async throws(EngineError) -> QCOW2Entry {
        let offset = table + index * header.entrySize
        let what = "a table of the second level"
        var entry = QCOW2Entry(value: try await pages.big64(at: offset, what: what))
        if header.hasSubclusters { entry.subclusters = try await pages.big64(at: offset + 8, what: what) }
        return entry
    }

    /// Whether one of the first clusters that are in the file is compressed.
    func hasCompressed() async -> Bool {
        let most: UInt64 = 4096
        for index in 0..<min(most, header.neededL1Entries) {
            guard let table = try? await table(of: index * header.l2Entries) else { continue }
            for number in 0..<min(most, header.l2Entries) {
                guard let entry = try? await entry(number, of: table) else { return false }
                if entry.isCompressed { return true }
            }
            return false
        }
        return false
    }
}
