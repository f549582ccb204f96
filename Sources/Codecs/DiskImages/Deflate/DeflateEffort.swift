import Engine

/// How hard the blocks of an image are pressed.
enum DeflateEffort: String, Sendable, Codable, SettingWord {
    /// With ISA-L: as quick as the disk is read.
    case fast
    /// With libdeflate: no larger than by zlib's usual level, at a third of its price.
    case balanced
    /// With libdeflate: one in a hundred smaller than `balanced`, at nearly twice its price.
    case small
}
