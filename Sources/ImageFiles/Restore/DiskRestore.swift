import Engine
import Glibc

/// A restore of one disk to a file of its own in the restore folder.
///
/// Crash story: the file has a temporary name until the commit; a sweep removes it.
final class DiskRestore: RestoreSession {
    private let file: DraftFile
    private let path: String
    private let outcome: RestoreOutcome

    /// A volume group: `<name>.raw`.
    convenience init(_ request: DiskRestoreRequest, named name: String, in folder: String) throws(EngineError) {
        let path = folder + "/" + FileName.escaped(name) + ".raw"
        try self.init(
            request, path, RestoreOutcome(id: name, name: name, notes: ["the volume group is the file \(path)"]))
    }

    /// A disk for a configured VM: `<vm>.<address>.raw`. The configuration decides whether the VM has it.
    convenience init(
        _ request: DiskRestoreRequest, attachedTo machine: ImageMachine, at wanted: DiskAddress?, in folder: String
    ) throws(EngineError) {
        func path(_ address: DiskAddress) -> String {
            folder + "/" + FileName.escaped("\(machine.name).\(address)") + ".raw"
        }
        func isTaken(_ address: DiskAddress) -> Bool {
            machine.disks.contains { $0.address == address } || access(path(address), F_OK) == 0
        }
        if let wanted, isTaken(wanted) {
            throw EngineError(.alreadyExists, "machine \(machine.name) has a disk at \(wanted): choose another address")
        }
        var free = wanted ?? DiskAddress(bus: request.disk.address.bus, index: 0)
        while isTaken(free) { free = DiskAddress(bus: free.bus, index: free.index + 1) }
        let note = "add `{ path: \(path(free)), address: \(free) }` to the disks of \(machine.name) to attach it"
        try self.init(request, path(free), RestoreOutcome(id: machine.id, name: machine.name, notes: [note]))
    }

    private init(_ request: DiskRestoreRequest, _ path: String, _ outcome: RestoreOutcome) throws(EngineError) {
        guard access(path, F_OK) != 0 else {
            throw EngineError(.alreadyExists, "\(path) is there already: choose another name or remove it")
        }
        self.path = path
        self.outcome = outcome
        file = try DraftFile(
            Folder.parent(of: path) + "/" + TemporaryName(of: request.runName).text, size: request.disk.size)
    }

    func write(_ buffer: Buffer, _ range: Range<Int>, to disk: Int, at offset: UInt64) async throws(EngineError) {
        guard disk == 0 else { throw EngineError(.bug, "a restore of one disk has no disk \(disk)") }
        try file.write(buffer, range, at: offset)
    }

    func commit() async throws(EngineError) -> RestoreOutcome {
        try file.synchronize()
        try file.publish(as: path)
        return outcome
    }

    func abandon() async -> [String] { unlink(file.path) == 0 ? [file.path] : [] }
}
