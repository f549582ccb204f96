// swift-tools-version: 6.2
import PackageDescription

// One list of settings for every Swift target: the language as its strictest users write it.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
    // Without this, generic code that touches an internal symbol is not specialized for callers in
    // other modules (docs/decisions/0002-spans-at-the-boundary.md).
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

// The modules whose inner loops touch every byte of a disk. They are optimized in debug builds too,
// so that the tests can move real amounts of data.
let hot = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

// Swift 6.3 crashes on the contracts' closures when it optimizes them as one module, as release builds do.
let contracts = hot + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
    name: "AHVault",
    products: [
        .executable(name: "ahvault", targets: ["Host"]),
        .executable(name: "prism-simulator", targets: ["PrismSimulatorCommand"]),
        .executable(name: "azure-simulator", targets: ["AzureSimulatorCommand"]),
        .library(name: "Engine", targets: ["Engine"]),
        .library(name: "EngineContracts", targets: ["EngineContracts"]),
        .library(name: "HostKit", targets: ["HostKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CCurl", path: "Sources/CLibs/CCurl", providers: [.apt(["libcurl4-openssl-dev", "libssl-dev"])]),
        .systemLibrary(
            name: "CDeflate", path: "Sources/CLibs/CDeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CISAL", path: "Sources/CLibs/CISAL", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CISCSI", path: "Sources/CLibs/CISCSI", providers: [.apt(["libiscsi-dev"])]),
        .systemLibrary(name: "CLZ4", path: "Sources/CLibs/CLZ4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CLinux", path: "Sources/CLibs/CLinux"),
        .systemLibrary(name: "CSSH2", path: "Sources/CLibs/CSSH2", providers: [.apt(["libssh2-1-dev", "libssl-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/CLibs/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", path: "Sources/CLibs/CZstd", providers: [.apt(["libzstd-dev"])]),

        .target(
            name: "Engine",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: hot
        ),
        .target(name: "Wire", dependencies: ["CCurl", "CISCSI", "CSSH2"], swiftSettings: strict),
        .target(
            name: "Codecs", dependencies: ["Engine", "CDeflate", "CISAL", "CLZ4", "CZlib", "CZstd"], swiftSettings: hot),
        .target(
            name: "Targets",
            dependencies: [
                "Engine", "Wire",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(name: "ImageFiles", dependencies: ["Engine"], swiftSettings: hot),
        .target(
            name: "AHV",
            dependencies: ["Engine", "Wire", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .target(
            name: "Azure",
            dependencies: [
                "Engine", "Wire", "Targets",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: hot
        ),
        .target(name: "EngineContracts", dependencies: ["Engine"], swiftSettings: contracts),
        .target(
            name: "HostKit",
            dependencies: [
                "Engine", "EngineContracts", "Codecs", "Targets", "ImageFiles", "AHV", "Azure",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(name: "Host", dependencies: ["HostKit"], swiftSettings: strict),
        .executableTarget(
            name: "TargetBenchmark",
            dependencies: ["Engine", "Targets", .product(name: "Logging", package: "swift-log")],
            path: "Benchmarks/TargetBenchmark", swiftSettings: strict),

        .target(
            name: "PrismSimulator",
            dependencies: [
                "CLinux",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "PrismSimulatorCommand",
            dependencies: [
                "PrismSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "AzureSimulator",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: hot
        ),
        .executableTarget(
            name: "AzureSimulatorCommand",
            dependencies: [
                "AzureSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // What several test targets share.
        .target(name: "LoopbackPorts", path: "Tests/LoopbackPorts", swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "EngineContracts", "Codecs", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: hot
        ),
        .testTarget(name: "CodecsTests", dependencies: ["Codecs", "EngineContracts", "CZlib"], swiftSettings: strict),
        .testTarget(
            name: "TargetsTests",
            dependencies: [
                "CLinux", "Targets", "AzureSimulator", "EngineContracts", "LoopbackPorts", "Wire",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ImageFilesTests", dependencies: ["ImageFiles", "EngineContracts"], swiftSettings: strict),
        .testTarget(
            name: "AHVTests",
            dependencies: ["AHV", "CLinux", "Wire", "PrismSimulator", "EngineContracts", "LoopbackPorts"],
            swiftSettings: strict),
        .testTarget(name: "HostTests", dependencies: ["Azure", "HostKit", "EngineContracts"], swiftSettings: strict),
        .testTarget(name: "PrismSimulatorTests", dependencies: ["PrismSimulator"], swiftSettings: strict),
        .testTarget(
            name: "AzureSimulatorTests",
            dependencies: ["AzureSimulator", .product(name: "Crypto", package: "swift-crypto")],
            exclude: ["Vectors"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AzureTests",
            dependencies: [
                "Azure", "AzureSimulator", "Codecs", "Engine", "Targets", "Wire",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "EndToEndTests", dependencies: ["LoopbackPorts"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
