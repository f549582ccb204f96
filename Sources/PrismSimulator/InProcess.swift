/// What tests in the same process do with a simulator: the same as the admin paths offer.
extension PrismSimulator {
    /// Sets a fault, or makes an event happen at once.
    package func set(_ fault: Fault) async { await world.apply(fault) }

    /// Takes back all faults that are still set.
    package func clearFaults() async { await world.clearFaults() }

    /// The guest writes to its disk.
    ///
    /// - Parameters:
    ///   - vm: its id or its name.
    ///   - disk: its id or its address, such as `scsi.0`.
    ///   - offset: in bytes.
    /// - Throws: when there is no such disk, or the range is outside of it.
    package func write(_ bytes: [UInt8], to disk: String, of vm: String, at offset: Int) async throws {
        try await world.guestWrites(vm, disk, at: offset, bytes, count: bytes.count)
    }

    /// The guest discards a range of its disk: it reads as zero.
    ///
    /// - Throws: when there is no such disk, or the range is outside of it.
    package func discard(_ range: Range<Int>, of disk: String, of vm: String) async throws {
        try await world.guestWrites(vm, disk, at: range.lowerBound, nil, count: range.count)
    }

    /// A disk grows.
    ///
    /// - Throws: when there is no such disk, or it would shrink.
    package func grow(_ disk: String, of vm: String, to size: Int) async throws {
        try await world.guestDiskGrows(vm, disk, to: size)
    }

    /// Path of the file that holds a VM's disk, for comparing bytes.
    ///
    /// - Throws: when there is no such disk.
    package func path(of disk: String, of vm: String) async throws -> String {
        let machine = try await world.machine(vm)
        return await world.disks.path(try world.guestDisk(disk, of: machine).id)
    }

    /// What there is: VMs, volume groups and recovery points, with the files of their disks.
    package func state() async -> JSONValue { await world.summary() }

    /// How often each operation was called.
    package func calls() async -> [String: Int] { await world.calls }
}
