/// How much a check reads.
package enum CheckDepth: Sendable, Equatable {
    /// Everything that leads to the data: documents, index runs, maps of disks, and the ends of packs.
    case structure
    /// Every byte against its checksum: no key is needed, nothing is decoded.
    case scrub
    /// The structure, and so many percent of the packs' bytes decoded and compared with their ids.
    case deep(percent: Double)

    package var name: String {
        switch self {
        case .structure: "structure"
        case .scrub: "scrub"
        case .deep: "deep"
        }
    }
}
