import Engine
import Glibc

/// A restore of a whole VM to a new folder: one `<address>.raw` a disk, and `machine.json`.
///
/// Crash story: everything lies in a folder with a temporary name until the commit renames it; a sweep removes it.
final class MachineRestore: RestoreSession {
    private let request: VMRestoreRequest
    private let folder: String
    private let finalFolder: String
    private let files: [DraftFile]

    /// - Throws: `.alreadyExists` when the restore folder has something of that name.
    init(_ request: VMRestoreRequest, in restoreFolder: String) throws(EngineError) {
        self.request = request
        finalFolder = restoreFolder + "/" + FileName.escaped(request.name ?? request.originalName)
        folder = restoreFolder + "/" + TemporaryName(of: request.runName).text
        try Self.requireFree(finalFolder)
        guard Set(request.disks.map(\.address)).count == request.disks.count else {
            throw EngineError(.configuration, "two disks of the restore share an address")
        }
        try Folder.make(folder)
        do throws(EngineError) {
            var files: [DraftFile] = []
            for disk in request.disks {
                files.append(
                    try DraftFile("\(folder)/\(FileName.escaped(disk.address.description)).raw", size: disk.size))
            }
            self.files = files
        } catch {
            try? Folder.remove(folder)
            throw error
        }
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64) async throws(EngineError) {
        try files[disk].write(buffer, range, at: offset)
    }

    func commit() async throws(EngineError) -> RestoreOutcome {
        for file in files { try file.synchronize() }
        let description = try OpenFile(folder + "/machine.json", O_WRONLY | O_CREAT | O_TRUNC)
        try description.write(text.span.bytes, at: 0)
        try description.synchronize()
        try OpenFile.synchronizeFolder(folder)
        try Self.requireFree(finalFolder)
        guard rename(folder, finalFolder) == 0 else { throw .system("put the restored VM at", finalFolder) }
        try OpenFile.synchronizeFolder(Folder.parent(of: finalFolder))
        var notes = ["its disks are in \(finalFolder); describe it in the configuration to use it as a source again"]
        if request.powersOn { notes.append("image files cannot be powered on") }
        let name = request.name ?? request.originalName
        return RestoreOutcome(id: name, name: name, notes: notes)
    }

    func abandon() async -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        do throws(EngineError) {
            try Folder.remove(folder)
            return files.map(\.path) + [folder]
        } catch {
            return ["\(folder) could not be removed: \(error)"]
        }
    }

    private var text: [UInt8] {
        let disks = request.disks.map { disk -> JSONValue in
            [
                "address": .string(disk.address.description), "id": .string(disk.id),
                "file": .string("\(FileName.escaped(disk.address.description)).raw"),
                "size": .integer(Int64(disk.size)),
            ]
        }
        let machine: JSONValue = [
            "name": .string(request.name ?? request.originalName), "disks": .array(disks),
            "original": ["id": .string(request.originalID), "name": .string(request.originalName)],
            "configuration": request.configuration,
        ]
        return machine.text
    }

    private static func requireFree(_ path: String) throws(EngineError) {
        guard access(path, F_OK) != 0 else {
            throw EngineError(.alreadyExists, "\(path) is there already: restore under another name or remove it")
        }
    }
}
