import Engine

/// What a new disk of a volume group starts as.
enum DiskOrigin: Sendable {
    /// A copy-on-write clone of a disk as it was frozen.
    case diskPoint(String)
    /// Zeroes, in a storage container; size in bytes.
    case empty(container: String, size: UInt64)

    func body(index: Int) -> JSONValue {
        func source(_ id: String, _ type: JSONValue) -> JSONValue {
            .typed("common.v1.config.EntityReference", ["extId": .string(id), "entityType": type])
        }
        let (origin, size): (JSONValue, UInt64?) =
            switch self {
            case .diskPoint(let id): (source(id, "DISK_RECOVERY_POINT"), nil)
            case .empty(let container, let size): (source(container, "STORAGE_CONTAINER"), size)
            }
        return .typed(
            "volumes.v4.config.VolumeDisk",
            [
                "index": .integer(Int64(index)), "diskDataSourceReference": origin,
                "diskSizeBytes": size.map { .integer(Int64(clamping: $0)) },
            ])
    }
}
