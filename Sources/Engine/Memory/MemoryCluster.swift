import Synchronization

/// A cluster in memory: VMs whose guests a test plays, and what sources keep there. Several sources may share it.
package final class MemoryCluster: Sendable {
    struct Machine: Sendable {
        let id: String
        var name: String
        var disks: [Disk]
        /// As given at a restore; nil for VMs that were made by hand.
        var configuration: JSONValue?
    }

    struct Disk: Sendable {
        let id: String
        let address: DiskAddress
        var image: SparseImage
    }

    struct Snapshot: Sendable {
        let name: String
        let proxyID: String
        let run: String
        let machineID: String
        let disks: [Disk]
    }

    /// A restore that is not finished.
    struct Draft: Sendable {
        let proxyID: String
        let run: String
        var disks: [Disk]
    }

    struct State: Sendable {
        var machines: [Machine] = []
        var snapshots: [String: Snapshot] = [:]
        var drafts: [String: Draft] = [:]
        var volumeGroups: [String: SparseImage] = [:]
        var lastNumber = 0

        mutating func nextNumber() -> Int {
            lastNumber += 1
            return lastNumber
        }
    }

    /// Stands in the way of a read: a test throws here what a broken connection would.
    package typealias ReadHook = @Sendable (CapturedDisk, ByteRange) throws(EngineError) -> Void

    static let id = "memory-cluster"
    let state = Mutex(State())
    private let hook = Mutex<ReadHook?>(nil)

    package init() {}

    /// Adds a VM with blank disks on `scsi.0`, `scsi.1`…; sizes in bytes.
    @discardableResult
    package func addMachine(_ name: String, diskSizes: [UInt64]) -> String {
        state.withLock { state in
            let id = "vm-\(state.nextNumber())"
            let disks = diskSizes.enumerated().map { index, size in
                Disk(
                    id: "\(id)-disk-\(index)", address: DiskAddress(bus: "scsi", index: index),
                    image: SparseImage(size: size))
            }
            state.machines.append(Machine(id: id, name: name, disks: disks))
            return id
        }
    }

    /// Lets the test look at a disk, and the guest write.
    /// - Throws: `.notFound` when there is no such VM or disk.
    package func withImage<R: Sendable>(
        of machine: String, at address: DiskAddress, _ body: (inout SparseImage) -> R
    ) throws(EngineError) -> R {
        let result = state.withLock { state -> R? in
            guard let index = state.machines.firstIndex(where: { $0.name == machine || $0.id == machine }),
                let disk = state.machines[index].disks.firstIndex(where: { $0.address == address })
            else { return nil }
            return body(&state.machines[index].disks[disk].image)
        }
        guard let result else { throw EngineError(.notFound, "\(machine) has no disk at \(address)") }
        return result
    }

    /// A volume group that a restore left.
    package func volumeGroup(_ name: String) -> SparseImage? { state.withLock { $0.volumeGroups[name] } }

    /// Names of snapshots and unfinished restores, sorted.
    package var traces: [String] { state.withLock { (Array($0.snapshots.keys) + $0.drafts.keys).sorted() } }

    /// Deletes a snapshot behind the source's back.
    package func loseSnapshot(_ name: String) { state.withLock { _ = $0.snapshots.removeValue(forKey: name) } }

    package func setReadHook(_ hook: ReadHook?) { self.hook.withLock { $0 = hook } }

    func passHook(_ disk: CapturedDisk, _ range: ByteRange) throws(EngineError) {
        if let hook = hook.withLock({ $0 }) { try hook(disk, range) }
    }
}
