import Engine

/// How much a repository holds, and what that takes at its target.
struct RepositoryStatistics: Encodable, Sendable {
    struct Objects: Encodable, Sendable {
        var count = 0
        var bytes: UInt64 = 0

        init(_ objects: [ListedObject]) {
            count = objects.count
            bytes = objects.reduce(0) { $0 + UInt64($1.size) }
        }
    }

    let repository: String
    let id: String
    let created: Timestamp
    let chunker: ChunkerChoice
    let restorePoints: Int
    let vms: Int
    /// Bytes of all disks of all restore points, as guests see them.
    let diskBytes: UInt64
    /// Of those, bytes that are not zero.
    let usedBytes: UInt64
    let packs: Objects
    let indexRuns: Objects
    let manifests: Objects

    /// Asks the target for its listing; reads no object.
    init(of open: OpenRepository, points: [FoundPoint]) async throws(EngineError) {
        repository = open.name
        id = open.repository.id
        created = open.repository.configuration.created
        chunker = open.repository.configuration.chunker
        restorePoints = points.count
        vms = Set(points.map(\.vm.id)).count
        let overviews = points.map(\.overview)
        diskBytes = overviews.reduce(0) { $0.addingReportingOverflow($1.statistics.size).partialValue }
        usedBytes = overviews.reduce(0) { $0.addingReportingOverflow($1.usedBytes).partialValue }
        let target = open.repository.target
        packs = Objects(try await target.list(prefix: ObjectLayout.packs))
        indexRuns = Objects(try await target.list(prefix: ObjectLayout.index))
        manifests = Objects(try await target.list(prefix: ObjectLayout.manifests))
    }

    /// Bytes at the target.
    var storedBytes: UInt64 { packs.bytes + indexRuns.bytes + manifests.bytes }

    var text: String {
        let rows = [
            ("Repository", "\(repository) (id \(id))"),
            ("Created", created.description),
            ("Chunks", chunker.text),
            ("Restore points", "\(restorePoints) of \(vms.of("VM"))"),
            ("Disks in them", "\(ByteCount(diskBytes)), of which \(ByteCount(usedBytes)) are not zero"),
            ("Packs", "\(packs.count), \(ByteCount(packs.bytes))"),
            ("Index runs", "\(indexRuns.count), \(ByteCount(indexRuns.bytes))"),
            ("Manifests", "\(manifests.count), \(ByteCount(manifests.bytes))"),
            ("At the target", "\(ByteCount(storedBytes))\(ratio)"),
        ]
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { title, value in
            title + String(repeating: " ", count: width - title.count + 2) + value
        }.joined(separator: "\n")
    }

    private var ratio: String {
        guard storedBytes > 0, usedBytes > 0 else { return "" }
        let tenths = Int((10 * Double(usedBytes) / Double(storedBytes)).rounded())
        return ", 1 : \(tenths / 10).\(tenths % 10) of what is not zero"
    }
}
