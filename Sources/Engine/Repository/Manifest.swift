/// A restore point: what a backup of one VM committed. Putting it at the target is the commit.
///
/// Everything that a blank machine needs to restore and to go on incrementally is here or reached from here.
package struct Manifest: Codable, Sendable {
    package let id: RestorePointID
    package let created: Timestamp
    /// Counts the VM's restore points in the order they were made, whatever clocks say; absent for the first.
    package let sequence: Int?
    package let vm: VM
    /// Name of the source in the configuration that made it.
    package let source: String
    /// The job as it was configured; nil for a backup by hand.
    package let job: JSONValue?
    package let consistency: ConsistencyRecord
    package let disks: [Disk]
    /// Blob with the VM as the source described it: JSON.
    package let configuration: Digest
    /// The source's own reference to what it froze, for the next difference.
    package let reference: JSONValue
    /// Devices that are not part of the backup, with the reason.
    package let skipped: [String]
    package let warnings: [String]
    package let statistics: Statistics
    /// Program and version that wrote it.
    package let writer: String

    package struct VM: Codable, Sendable, Hashable {
        package let id: String
        package let name: String
        package let clusterID: String
        package let clusterName: String

        package init(id: String, name: String, clusterID: String, clusterName: String) {
            self.id = id
            self.name = name
            self.clusterID = clusterID
            self.clusterName = clusterName
        }
    }

    /// How the VM was to be frozen, and how it was.
    package struct ConsistencyRecord: Codable, Sendable {
        package let asked: Consistency
        package let got: Consistency

        package init(asked: Consistency, got: Consistency) {
            self.asked = asked
            self.got = got
        }
    }

    package struct Disk: Codable, Sendable {
        /// The source's id of the disk.
        package let id: String
        package let address: DiskAddress
        /// Bytes.
        package let size: UInt64
        /// Of its tree; nil when the whole disk is zero.
        package let root: NodeReference?
        /// Whether only changes were read.
        package let isIncremental: Bool
        /// Why it was read in full although an earlier restore point was there.
        package let fallback: String?
        package let statistics: Statistics

        package init(
            id: String, address: DiskAddress, size: UInt64, root: NodeReference?, isIncremental: Bool,
            fallback: String?, statistics: Statistics
        ) {
            self.id = id
            self.address = address
            self.size = size
            self.root = root
            self.isIncremental = isIncremental
            self.fallback = fallback
            self.statistics = statistics
        }

        package var shape: TreeShape { TreeShape(size: size) }
    }

    package init(
        id: RestorePointID, created: Timestamp, sequence: Int?, vm: VM, source: String, job: JSONValue?,
        consistency: ConsistencyRecord, disks: [Disk], configuration: Digest, reference: JSONValue,
        skipped: [String], warnings: [String], statistics: Statistics, writer: String
    ) {
        self.id = id
        self.created = created
        self.sequence = sequence
        self.vm = vm
        self.source = source
        self.job = job
        self.consistency = consistency
        self.disks = disks
        self.configuration = configuration
        self.reference = reference
        self.skipped = skipped
        self.warnings = warnings
        self.statistics = statistics
        self.writer = writer
    }

    /// Disks of one restore point, at most.
    static let diskLimit = 1 << 12

    /// - Throws: `.corrupt` when a number in it is none that disks can have.
    func checkNumbers() throws(EngineError) {
        guard disks.count <= Self.diskLimit else {
            throw EngineError(.corrupt, "the manifest of restore point \(id) claims \(disks.count) disks")
        }
        for disk in disks {
            let isRight = disk.size <= TreeShape.sizeLimit && disk.size.isMultiple(of: 512)
            guard isRight, disk.root?.usedBytes ?? 0 <= TreeShape.sizeLimit else {
                throw EngineError(.corrupt, "the manifest of restore point \(id) has an impossible size of a disk")
            }
        }
    }

    /// Whether it was made after another one of the same VM.
    package func isNewer(than other: Manifest) -> Bool {
        (sequence ?? 0, id) > (other.sequence ?? 0, other.id)
    }

    static let kindOfDocument = "MANIFEST"

    static func document(_ id: String) -> SealedDocument<Manifest> {
        SealedDocument(kind: kindOfDocument, what: "the manifest of restore point \(id)")
    }
}

extension Manifest {
    /// What a backup did, in bytes; of one disk or of a whole VM.
    package struct Statistics: Codable, Sendable, Equatable {
        /// Of the disk, as the guest sees it.
        package var size: UInt64 = 0
        /// Read from the source.
        package var read: UInt64 = 0
        /// Named by the source as changed or used, zeros included.
        package var changed: UInt64 = 0
        /// In chunks that the repository did not have.
        package var new: UInt64 = 0
        /// Of those, after compression.
        package var stored: UInt64 = 0
        /// Wall time in seconds.
        package var seconds: Double = 0

        package init() {}

        package static func + (a: Statistics, b: Statistics) -> Statistics {
            var sum = a
            sum.size += b.size
            sum.read += b.read
            sum.changed += b.changed
            sum.new += b.new
            sum.stored += b.stored
            sum.seconds = max(a.seconds, b.seconds)
            return sum
        }
    }
}
