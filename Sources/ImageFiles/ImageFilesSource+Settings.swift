package import Engine

extension ImageFilesSource {
    package struct Settings: PluginSettings {
        let machines: [MachineSettings]
        let changes: ChangeMethod
        let state: String?
        let restore: String?

        package static let fields: [Field] = [
            .required("machines", "the VMs, each `{ name, id, categories, disks: [{ path, address, id, changes }] }`"),
            .defaulted(
                "changes", "scan",
                "how changes are found: `scan` reads and compares, `list` takes each disk's list, `none` never finds any"
            ),
            .optional("state", "folder for what `scan` remembers of the last backup; needed for `scan`"),
            .optional("restore", "folder that restores write to; without it nothing can be restored here"),
        ]
    }

    /// One VM of the configuration.
    package struct MachineSettings: PluginSettings, PlacedSetting {
        let name: String
        let id: String?
        let categories: [String: String]?
        let disks: [DiskSettings]

        package static let fields: [Field] = [
            .required("name", "the VM's name"),
            .optional("id", "what it is known by when its name changes; the name when absent"),
            .optional("categories", "`key: value` pairs that jobs choose VMs by"),
            .required("disks", "its disks, each `{ path, address, id, changes }`"),
        ]

        package init(placed setting: Setting, what: String) throws { self = try Self.decode(setting) }
    }

    /// One disk of a VM of the configuration.
    package struct DiskSettings: PluginSettings, PlacedSetting {
        let path: String
        let address: String?
        let id: String?
        let changes: String?

        package static let fields: [Field] = [
            .required("path", "the raw image file"),
            .optional("address", "bus and index, such as `sata.1`; `scsi` and its place in the list when absent"),
            .optional("id", "what it is known by; the address when absent"),
            .optional("changes", "for `changes: list`: a file with one `offset length [zero]` a line, in bytes"),
        ]

        package init(placed setting: Setting, what: String) throws { self = try Self.decode(setting) }
    }

    /// How changes since the last backup are found.
    package enum ChangeMethod: String, Decodable, PlacedSetting {
        /// Reads the image and compares it with checksums of the last backup.
        case scan
        /// Takes a list that something else made.
        case list
        /// Always the used map.
        case none

        package init(placed setting: Setting, what: String) throws {
            guard case .scalar(let text) = setting.shape, let method = ChangeMethod(rawValue: text) else {
                throw EngineError(.configuration, "\(setting.place): \(what) must be `scan`, `list` or `none`")
            }
            self = method
        }
    }
}
