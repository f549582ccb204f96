import Engine
import Glibc

/// What an export was asked for, and what that means for a restore point.
struct ExportRequest: Sendable {
    enum Disks: Sendable {
        case all
        case theOnly
        case named([String])
    }

    let disks: Disks
    let output: String?
    let format: FormatOptions
    let replaces: Bool
    let resumes: Bool
    let hasDigests: Bool

    /// The exports that this makes of a restore point.
    /// - Parameter target: where objects go; nil for files.
    /// - Throws: `.configuration`, `.notFound`, naming what there is.
    func exports(
        of manifest: Manifest, among formats: ImageFormats, at target: (any Target)?
    ) throws(EngineError) -> [DiskExport] {
        let chosen = try self.chosen(of: manifest)
        guard chosen.count == 1 || output != "-" else {
            throw EngineError(.configuration, "only one disk fits into stdout: choose one with --disk")
        }
        var exports: [DiskExport] = []
        for disk in chosen {
            exports.append(try export(disk, of: manifest, isOneOfMany: chosen.count > 1, among: formats, at: target))
        }
        return exports
    }

    private func chosen(of manifest: Manifest) throws(EngineError) -> [Manifest.Disk] {
        let known = manifest.disks.map { "\($0.address)" }.joined(separator: ", ")
        switch disks {
        case .all: return manifest.disks
        case .theOnly:
            guard manifest.disks.count == 1 else {
                throw EngineError(
                    .configuration,
                    "restore point \(manifest.id) has the disks \(known): choose by --disk or --all-disks")
            }
            return manifest.disks
        case .named(let names):
            var chosen: [Manifest.Disk] = []
            for name in names {
                guard let disk = manifest.disks.first(where: { $0.address.description == name || $0.id == name }) else {
                    throw EngineError(.notFound, "restore point \(manifest.id) has no disk `\(name)`; it has: \(known)")
                }
                if !chosen.contains(where: { $0.address == disk.address }) { chosen.append(disk) }
            }
            return chosen
        }
    }

    private func export(
        _ disk: Manifest.Disk, of manifest: Manifest, isOneOfMany: Bool, among formats: ImageFormats,
        at target: (any Target)?
    ) throws(EngineError) -> DiskExport {
        let isFolder = output.map { isOneOfMany || $0.hasSuffix("/") || Self.isFolder($0) } ?? true
        var choice = try format.choice(for: isFolder ? "" : output ?? "", among: formats)
        // Ids and times that follow from the restore point make the same export the same file.
        let identity = "\(manifest.id) \(disk.address)"
        if formats.has("id", choice.type), choice.settings["id"] == nil {
            choice.settings["id"] = ImageID.named(identity).description
        }
        if formats.has("time", choice.type), choice.settings["time"] == nil {
            choice.settings["time"] = manifest.created.description
        }
        let made = try formats.make(choice)
        let name = Self.fileName(disk, of: manifest, type(of: made).fileExtensions.first)
        let place: ExportPlace
        if let target {
            let key = isFolder ? (output.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? "") + name : output ?? name
            place = .object(try Self.key(key), target)
        } else if output == "-" {
            place = .stream(STDOUT_FILENO, name: "stdout")
        } else {
            let output = output ?? ""
            let path = isFolder ? (output.hasSuffix("/") ? output : output + "/") + name : output
            place = .file(path, replaces: replaces, resumes: resumes)
        }
        var export = DiskExport(disk, as: made, choices: choice.text, to: place)
        export.hasDigests = hasDigests
        return export
    }

    /// - Throws: `.configuration` when no object can be called that.
    static func key(_ text: String) throws(EngineError) -> ObjectKey {
        do {
            return try ObjectKey(text)
        } catch {
            throw EngineError(
                .configuration, "`\(text)` cannot be an object's name: use letters, digits, `.`, `_`, `-` and `/`")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// `web-01-scsi.0.vmdk`: what names can hold of the VM's.
    private static func fileName(_ disk: Manifest.Disk, of manifest: Manifest, _ ending: String?) -> String {
        let vm = manifest.vm.name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }
        let name = "\(String(vm))-\(disk.address)"
        return (name.hasPrefix(".") ? "_" + name : name) + (ending.map { "." + $0 } ?? "")
    }
}
