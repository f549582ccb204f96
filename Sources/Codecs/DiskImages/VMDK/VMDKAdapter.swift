import Engine

/// The controller that a disk is meant for.
enum VMDKAdapter: String, Sendable, Codable, SettingWord {
    case lsilogic
    case buslogic
    case ide
    case legacyESX
    /// The controller of the machine: the disk itself says `lsilogic`, as it does with VMware's own.
    case pvscsi

    /// The word in the descriptor.
    var word: String { self == .pvscsi ? Self.lsilogic.rawValue : rawValue }
}
