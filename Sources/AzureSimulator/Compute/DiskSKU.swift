/// The kinds of managed disks by what they are stored on.
enum DiskSKU: String, Sendable, CaseIterable {
    case standard = "Standard_LRS"
    case standardSSD = "StandardSSD_LRS"
    case standardSSDZones = "StandardSSD_ZRS"
    case premium = "Premium_LRS"
    case premiumZones = "Premium_ZRS"
    case premiumV2 = "PremiumV2_LRS"
    case ultra = "UltraSSD_LRS"

    var tier: String {
        switch self {
        case .standard, .standardSSD, .standardSSDZones: "Standard"
        case .ultra: "Ultra"
        default: "Premium"
        }
    }

    /// Whether only sizes with premium storage take it.
    var isPremium: Bool { tier != "Standard" }
    /// Whether it is in all zones of a region at once.
    var isZonal: Bool { rawValue.hasSuffix("_ZRS") }
    /// Whether it can be an OS disk.
    var boots: Bool { self != .premiumV2 && self != .ultra }
}
