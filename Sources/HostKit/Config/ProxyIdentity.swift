import Engine
import FoundationEssentials
import Glibc

/// What this proxy is called in the names of temporary things on a cluster, so that it finds its own again.
struct ProxyIdentity: Sendable, Equatable {
    let name: String

    /// - Parameter cache: this proxy's cache folder, which holds the leases of its runs.
    /// - Throws: `.configuration` for a name that cannot be part of such names.
    init(_ setting: Setting?, cache: String) throws(EngineError) {
        guard let setting else {
            self = Self(machineID: Self.machineID, hostName: Self.hostName, cache: cache)
            return
        }
        let written = try Settings.decode(setting).name
        guard Self.isName(written.text) else {
            throw EngineError(
                .configuration,
                "\(written.place): `name` must be 1 to 24 lower-case letters, digits and `-`, not `\(written.text)`")
        }
        self = Self(name: written.text)
    }

    /// The default, a piece of a SHA-256, since the machine's id itself is not to be shown around.
    ///
    /// The cache folder is part of it: two proxies that cannot see each other's leases must not bear one name, or one
    /// would take the other's running work for left-overs.
    init(machineID: String?, hostName: String, cache: String) {
        let seed = Array(["ahvault proxy", machineID ?? "", hostName, cache].joined(separator: "\n").utf8)
        name = String(Digest.sha256(seed.span.bytes).description.prefix(12))
    }

    private init(name: String) { self.name = name }

    private static func isName(_ text: String) -> Bool {
        (1...24).contains(text.count)
            && text.allSatisfy { $0 == "-" || $0.isASCII && ($0.isNumber || $0.isLowercase) }
    }

    private static var machineID: String? {
        guard let data = try? Data(contentsOf: URL(filePath: "/etc/machine-id")) else { return nil }
        let digits = String(decoding: data.prefix(64), as: UTF8.self).prefix { $0.isHexDigit }
        return digits.count == 32 ? String(digits) : nil
    }

    private static var hostName: String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let code = bytes.withUnsafeMutableBytes { space in
            space.withMemoryRebound(to: CChar.self) { name in
                name.baseAddress.map { gethostname($0, name.count - 1) } ?? -1
            }
        }
        return code == 0 ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : ""
    }

    private struct Settings: PluginSettings {
        let name: PlacedName
        static let fields: [Field] = [
            .required("name", "this proxy's name in the names of temporary things on a cluster")
        ]
    }
}
