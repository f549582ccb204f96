import Engine
import Glibc

/// A restore of a whole VM over its own image files.
///
/// Crash story: new files grow beside the old ones and replace them, one by one, at the commit. A crash before it
/// leaves the VM as it was; a crash within it may leave some disks new and some old, and the restore is run again.
final class InPlaceRestore: RestoreSession {
    private let request: VMRestoreRequest
    private let machine: ImageMachine
    private let files: [DraftFile]
    /// The files to be replaced, in the order of the request's disks.
    private let paths: [String]

    init(_ request: VMRestoreRequest, over machine: ImageMachine) throws(EngineError) {
        self.request = request
        self.machine = machine
        var paths: [String] = []
        for disk in request.disks {
            guard let place = machine.disks.first(where: { $0.address == disk.address }) else {
                throw EngineError(
                    .configuration, "machine \(machine.name) has no disk at \(disk.address) to replace: configure one")
            }
            paths.append(place.path)
        }
        self.paths = paths
        var files: [DraftFile] = []
        do throws(EngineError) {
            for (disk, path) in zip(request.disks, paths) {
                let name = TemporaryName(of: request.runName).text
                files.append(try DraftFile(Folder.parent(of: path) + "/" + name, size: disk.size))
            }
        } catch {
            for file in files { unlink(file.path) }
            throw error
        }
        self.files = files
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64) async throws(EngineError) {
        try files[disk].write(buffer, range, at: offset)
    }

    func commit() async throws(EngineError) -> RestoreOutcome {
        for (file, path) in zip(files, paths) {
            if access(path, F_OK) == 0 { try file.copyRights(from: path) }
            try file.synchronize()
        }
        for (file, path) in zip(files, paths) { try file.rename(to: path) }
        let untouched = machine.disks.filter { !paths.contains($0.path) }
        var notes = untouched.map { "\($0.address) was not part of the restore point and stays as it is" }
        if let name = request.name, name != machine.name {
            notes.append("its name stays \(machine.name): the configuration gives it")
        }
        if request.powersOn { notes.append("image files cannot be powered on") }
        return RestoreOutcome(id: machine.id, name: machine.name, notes: notes)
    }

    func abandon() async -> [String] { files.map(\.path).filter { unlink($0) == 0 } }
}
