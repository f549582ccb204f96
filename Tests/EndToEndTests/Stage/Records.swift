/// The report of a backup with `--json`, as a stranger's script would read it.
struct BackupRecord: Decodable, Sendable {
    struct Machine: Decodable, Sendable {
        let name: String
        let restorePoint: String?
        let error: String?
        let errorKind: String?
        let isDegraded: Bool
        let disks: [Disk]
        let skipped: [String]
        let warnings: [String]
    }

    struct Disk: Decodable, Sendable {
        let address: String
        let isIncremental: Bool
        let fallback: String?
        let statistics: Statistics
    }

    /// Bytes.
    struct Statistics: Decodable, Sendable {
        let size: UInt64
        let read: UInt64
        let changed: UInt64
        let new: UInt64
        let stored: UInt64
        let seconds: Double
    }

    /// Bytes of objects.
    struct Written: Decodable, Sendable {
        let dataBytes: Int
        let metadataBytes: Int
        let indexBytes: Int
        let packs: Int
    }

    let machines: [Machine]
    let written: Written
    let seconds: Double
}

/// A restore point in `points list --json`.
struct PointRecord: Decodable, Sendable {
    struct VM: Decodable, Sendable {
        let id: String
        let name: String
    }

    let id: String
    let vm: VM
    let kind: String
}

/// The report of `repository check --json`.
struct CheckRecord: Decodable, Sendable {
    struct Damage: Decodable, Sendable {
        let object: String
        let reason: String
        let hits: [Hit]
    }

    struct Hit: Decodable, Sendable {
        let point: String
        let disk: String?
        /// Bytes of the disk.
        let start: UInt64?
        let end: UInt64?
    }

    let restorePoints: Int
    let packs: Int
    let packsRead: Int
    let damages: [Damage]
}

/// The report of `repository repair --json`.
struct RepairRecord: Decodable, Sendable {
    struct Pack: Decodable, Sendable {
        let object: String
        let lost: Int
        let byParity: Int
    }

    let packs: [Pack]
    let marked: Int
    let remaining: [CheckRecord.Damage]
}

/// The report of a restore with `--json`.
struct RestoreRecord: Decodable, Sendable {
    struct Outcome: Decodable, Sendable {
        let id: String
        let name: String
        let notes: [String]
    }

    let restorePoint: String
    let outcome: Outcome
    let written: UInt64
}
