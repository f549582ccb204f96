/// A restore point whose blobs are counted, with what is needed to count them off when it is gone.
struct CountedPoint: Sendable, Equatable {
    let id: RestorePointID
    /// Bytes of its manifest.
    let size: Int
    let roots: [SessionRecord.Root]
}
