public import Engine

/// A format with the settings of one variant, as the contract looks at it.
public struct ImageSubject: Sendable, CustomStringConvertible {
    /// Bytes: the disk in an image has a multiple of it.
    let unit: UInt64
    /// Bytes: the disk in an image has no fewer.
    let least: UInt64
    /// Whether the format's files can be told from any other bytes.
    let isMarked: Bool
    private let type: String
    private let settings: [String: String]
    private let registry: Registry<any ImageFormat>
    private let context: PluginContext

    /// - Parameters:
    ///   - settings: `variant` and others; ids and times are given by the contract.
    ///   - unit: bytes to whose multiples the format rounds disks up.
    ///   - least: bytes to which the format extends smaller disks.
    ///   - isMarked: false for a format that takes any bytes for its own.
    public init(
        _ type: String, _ settings: [String: String] = [:], unit: UInt64 = 512, least: UInt64 = 0,
        isMarked: Bool = true, of registry: Registry<any ImageFormat>, in context: PluginContext
    ) {
        self.type = type
        self.settings = settings
        self.unit = unit
        self.least = least
        self.isMarked = isMarked
        self.registry = registry
        self.context = context
    }

    public var description: String {
        ([type] + settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }

    /// The format, which writes the same bytes whenever it is asked.
    func format() throws -> any ImageFormat {
        let keys = registry.entries.first { $0.name == type }?.fields.map(\.key) ?? []
        let fixed = ["id": "2dc27766-f623-4200-9d64-115e9bfd4a08", "time": "2026-11-22T18:30:45Z"]
        let all = fixed.filter { keys.contains($0.key) }.merging(settings) { $1 }
        let entries = all.sorted { $0.key < $1.key }.map {
            Setting.Entry(key: $0.key, place: "contract:1:1", value: Setting(.scalar($0.value), at: "contract:1:1"))
        }
        return try registry.make(
            PluginChoice(type: type, settings: Setting(.map(entries), at: "contract:1:1")), in: context)
    }

    /// Every other format of the registry, with its defaults.
    func others() throws -> [any ImageFormat] {
        try registry.entries.filter { $0.name != type }.map { try registry.make(.usual($0.name), in: context) }
    }

    /// The bytes that a disk of `size` has in an image.
    func rounded(_ size: Int) -> Int { max((size + Int(unit) - 1) / Int(unit) * Int(unit), Int(least)) }
}
