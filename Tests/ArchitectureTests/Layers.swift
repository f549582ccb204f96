/// Who may import whom.
///
/// A new module or library needs a line here, and a reason.
enum Layers {
    /// The modules of Swift itself that every layer may use.
    static let system: Set<String> = ["FoundationEssentials", "Glibc", "Synchronization"]

    /// What each module may import beyond `system`.
    static let allowed: [String: Set<String>] = [
        "Engine": ["Crypto", "CryptoExtras", "Logging"],
        "Wire": ["CCurl", "CISCSI", "CSSH2"],
        "Codecs": ["Engine", "CDeflate", "CISAL", "CLZ4", "CZlib", "CZstd"],
        "Targets": ["Engine", "Wire", "Crypto", "Logging"],
        "ImageFiles": ["Engine", "Logging"],
        "AHV": ["Engine", "Wire", "Crypto", "Logging"],
        // Uploads by the protocols of the Blob service, which `Targets` has; signs in by certificates.
        "Azure": ["Engine", "Wire", "Targets", "Crypto", "CryptoExtras", "Logging"],
        "EngineContracts": ["Engine", "Logging"],
        "HostKit": [
            "Engine", "Codecs", "Targets", "ImageFiles", "AHV", "Azure", "EngineContracts",
            "ArgumentParser", "Foundation", "GRDB", "Logging", "Yams",
        ],
        "Host": ["HostKit"],
        "PrismSimulator": [
            "CLinux", "Crypto", "Foundation", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS",
            "Logging",
            "NIOConcurrencyHelpers", "NIOCore", "NIOHTTPTypes", "NIOPosix", "NIOSSL", "SwiftASN1", "X509", "Yams",
        ],
        "PrismSimulatorCommand": ["PrismSimulator", "ArgumentParser", "Dispatch", "Logging"],
        "AzureSimulator": [
            "Crypto", "CryptoExtras", "Foundation", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS",
            "Logging", "NIOCore", "NIOHTTPTypes", "NIOPosix", "SwiftASN1", "X509",
        ],
        "AzureSimulatorCommand": ["AzureSimulator", "ArgumentParser", "Dispatch"],
    ]
}
