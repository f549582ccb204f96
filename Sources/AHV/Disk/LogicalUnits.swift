import Engine
import Wire

/// A disk of a volume group as a logical unit of a session.
struct LogicalUnit: Sendable {
    let session: ISCSISession
    let lun: Int
    let capacity: ISCSICapacity
    /// The serial number that it shows.
    let serial: String
}

/// Finds which logical unit is which disk.
enum LogicalUnits {
    /// The units in the order of `disks`.
    ///
    /// A unit that shows a disk's id is that disk. Otherwise units of a single target stand in the order of the disks'
    /// indexes. Either way the size must be the disk's own.
    /// - Throws: `failed` if units and disks do not fit together.
    static func match(_ disks: [VolumeDisk], in sessions: [ISCSISession]) async throws(PrismError) -> [LogicalUnit] {
        var units: [LogicalUnit] = []
        do throws(WireError) {
            for session in sessions {
                for lun in try await session.reportLUNs().sorted() where try await session.isDisk(lun: lun) {
                    let capacity = try await session.capacity(ofLUN: lun)
                    let serial = try await session.serial(ofLUN: lun) ?? ""
                    units.append(LogicalUnit(session: session, lun: lun, capacity: capacity, serial: serial))
                }
            }
        } catch {
            throw PrismError(error)
        }
        return try arrange(units, disks, targets: sessions.count)
    }

    private static func arrange(
        _ units: [LogicalUnit], _ disks: [VolumeDisk], targets: Int
    ) throws(PrismError) -> [LogicalUnit] {
        let named = disks.map { disk in units.first { isSame($0.serial, disk.id) } }
        let found: [LogicalUnit]
        if named.allSatisfy({ $0 != nil }) {
            found = named.compactMap { $0 }
        } else if targets == 1, units.count == disks.count {
            found = units
        } else {
            throw PrismError(
                .failed, "the iSCSI target shows \(units.count) disks where the volume group has \(disks.count)")
        }
        for (unit, disk) in zip(found, disks) where unit.capacity.byteCount != disk.size {
            throw PrismError(
                .failed,
                "LUN \(unit.lun) has \(unit.capacity.byteCount) bytes where disk \(disk.index) of the volume group has "
                    + "\(disk.size): the disks cannot be told apart")
        }
        return found
    }

    private static func isSame(_ serial: String, _ id: String) -> Bool {
        let plain = { (text: String) in text.lowercased().filter { $0 != "-" } }
        return !serial.isEmpty && plain(serial) == plain(id)
    }
}
