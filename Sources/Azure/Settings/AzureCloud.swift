import Engine
import Targets

/// One of the separate Azures.
package enum AzureCloud: String, Sendable, Decodable, SettingWord, CaseIterable {
    case global = "public"
    case usgovernment
    case china

    var management: String {
        switch self {
        case .global: "https://management.azure.com"
        case .usgovernment: "https://management.usgovcloudapi.net"
        case .china: "https://management.chinacloudapi.cn"
        }
    }

    var authority: String {
        switch self {
        case .global: "https://login.microsoftonline.com"
        case .usgovernment: "https://login.microsoftonline.us"
        case .china: "https://login.chinacloudapi.cn"
        }
    }

    var storageSuffix: String {
        switch self {
        case .global: "core.windows.net"
        case .usgovernment: "core.usgovcloudapi.net"
        case .china: "core.chinacloudapi.cn"
        }
    }
}

/// The addresses that an export talks to.
struct AzureEndpoints: Sendable {
    let management: HTTPAddress
    /// What tokens for Azure Resource Manager are for: the cloud's name of it, wherever it answers.
    let managementAudience: String
    let authority: HTTPAddress
    let storageSuffix: String
    /// What tokens for the bytes of managed disks are for. Its slash belongs to it: the service compares the whole name.
    static let diskAudience = "https://disk.azure.com/"

    /// - Throws: `.configuration` naming the key.
    init(_ settings: AzureSubscription.Settings) throws(EngineError) {
        management = try HTTPAddress(settings.management ?? settings.cloud.management, key: "management")
        managementAudience = settings.cloud.management
        authority = try HTTPAddress(settings.authority ?? settings.cloud.authority, key: "authority")
        storageSuffix = settings.storageSuffix ?? settings.cloud.storageSuffix
        for (key, address) in [("management", management), ("authority", authority)] {
            guard address.isSecure || address.isLoopback else {
                throw EngineError(.configuration, "`\(key)`: tokens and secrets go to an https address only")
            }
        }
    }
}
