package import Engine

extension LocalTarget {
    package struct Settings: PluginSettings {
        let path: String
        let fsync: Bool

        package static let fields: [Field] = [
            .required("path", "the folder; it is made when its parent folder exists"),
            .defaulted("fsync", "true", "whether objects must survive a power failure: `false` only for trials"),
        ]
    }
}
