import Engine

/// A key as `repository key … --json` shows it.
struct KeySummary: Encodable, Sendable {
    let id: String
    let label: String
    let created: Timestamp
    let generation: Int

    init(_ slot: KeySlot) {
        id = slot.id
        label = slot.label
        created = slot.created
        generation = Int(slot.generation)
    }

    /// `0123456789abcdef (office)`
    var words: String { label.isEmpty ? id : "\(id) (\(label))" }

    static func table(_ keys: [KeySummary]) -> Table {
        var table = Table([.left("KEY"), .left("LABEL"), .left("CREATED (UTC)"), .right("GENERATION")])
        for key in keys { table.add([key.id, key.label, key.created.minutes, "\(key.generation)"]) }
        return table
    }
}
