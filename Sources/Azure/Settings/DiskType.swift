import Engine

/// What managed disks are kept on. Ultra and Premium v2 cannot be made by upload, or cannot boot.
package enum DiskType: String, Sendable, Decodable, SettingWord, CaseIterable {
    case standardHDD = "Standard_LRS"
    case standardSSD = "StandardSSD_LRS"
    case standardSSDZones = "StandardSSD_ZRS"
    case premium = "Premium_LRS"
    case premiumZones = "Premium_ZRS"

    /// Whether only some sizes of VMs take it.
    package var isPremium: Bool { self == .premium || self == .premiumZones }
    /// Whether it is in all zones of a region at once.
    package var isInAllZones: Bool { rawValue.hasSuffix("_ZRS") }
}
