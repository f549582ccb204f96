// swift-tools-version: 6.2
import PackageDescription

// A package outside AHVault that adds a target, and makes an `ahvault` of its own with it: docs/guides/add-a-target.md.
let package = Package(
    name: "AddATarget",
    products: [.executable(name: "ahvault-webdav", targets: ["ahvault-webdav"])],
    // In a package of your own: the address of AHVault's repository and a version instead of the path.
    dependencies: [
        .package(name: "AHVault", path: "../.."), .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CWebCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "WebDAV", dependencies: [.product(name: "Engine", package: "AHVault"), "CWebCurl"]),
        .executableTarget(
            name: "ahvault-webdav", dependencies: ["WebDAV", .product(name: "HostKit", package: "AHVault")]),
        .testTarget(
            name: "WebDAVTests",
            dependencies: [
                "WebDAV", .product(name: "Engine", package: "AHVault"),
                .product(name: "EngineContracts", package: "AHVault"), .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
