import Engine

/// How hard the blocks of an image are pressed.
enum DeflateEffort: String, Sendable, Codable, SettingWord {
    /// With ISA-L: as quick as the disk is read.
    case fast
    /// With libdeflate: as small as zlib's usual level, at less than half of its price.
    case balanced
    /// With libdeflate, at three times the price of `balanced`.
    case small
}
