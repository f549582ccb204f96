import Engine
import FoundationEssentials
import Glibc

/// A configuration file as it lies on disk.
struct ConfigFile: Sendable {
    /// As given, or as found; places in errors start with it.
    let path: String
    let setting: Setting
    /// Whether users other than its owner may read it.
    let isReadableByOthers: Bool

    /// Where it is looked for when nobody says where it is, in this order.
    static let usualPlaces = ["./ahvault.yaml", "/etc/ahvault/ahvault.yaml"]
    /// Bytes. No configuration is larger.
    private static let sizeLimit: Int64 = 4 << 20

    init(path: String, setting: Setting, isReadableByOthers: Bool = false) {
        self.path = path
        self.setting = setting
        self.isReadableByOthers = isReadableByOthers
    }

    /// Reads the file that `--config` names, or the first of the usual ones that is there.
    /// - Throws: `.configuration` when there is none, or when it is no YAML.
    static func read(_ given: String?) throws(EngineError) -> ConfigFile {
        if let given { return try ConfigFile(reading: given) }
        guard let path = usualPlaces.first(where: { access($0, F_OK) == 0 }) else {
            throw EngineError(
                .configuration,
                "there is no configuration: neither \(usualPlaces.joined(separator: " nor ")) is there; "
                    + "write one or name it with --config")
        }
        return try ConfigFile(reading: path)
    }

    private init(reading path: String) throws(EngineError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw EngineError(
                .configuration, "cannot read the configuration \(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT != S_IFDIR, status.st_size <= Self.sizeLimit else {
            throw EngineError(.configuration, "\(path) is no configuration file")
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw EngineError(.configuration, "cannot read the configuration \(path); check its permissions")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw EngineError(.configuration, "\(path) is no text in UTF-8")
        }
        let name = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        self.init(
            path: path, setting: try Setting(yaml: text, file: name),
            isReadableByOthers: status.st_mode & 0o077 != 0)
    }

    /// The folder that relative paths in the file start at.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path` of the file's text, made absolute against the file's folder.
    func resolve(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let start = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
        return start + "/" + path
    }
}
