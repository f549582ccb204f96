import Engine

/// Compares a restored VM with the captured one.
struct MachineComparison: Sendable {
    let spec: MachineSpec

    /// Each difference in words.
    func differences(_ made: PrismMachine) -> [String] {
        let old = spec.captured.machine.record
        var notes: [String] = []
        for member in ["numSockets", "numCoresPerSocket", "memorySizeBytes", "machineType"] {
            guard let wanted = old[member], made.record[member] != wanted else { continue }
            notes.append("\(member) is \(text(made.record[member])), it was \(text(wanted))")
        }
        let boot = old["bootConfig"]
        if let type = boot?.typeName, made.record["bootConfig"]?.typeName != type {
            notes.append("the VM boots by \(made.record["bootConfig"]?.typeName ?? "an unknown way"), it was \(type)")
        }
        let wantsSecureBoot = boot?["isSecureBootEnabled"]?.bool ?? false
        if wantsSecureBoot, made.record["bootConfig"]?["isSecureBootEnabled"]?.bool != true {
            notes.append("secure boot is off, it was on")
        }
        if spec.version >= APIVersion(minor: 1) { notes += diskDifferences(made) }
        return notes
    }

    private func diskDifferences(_ made: PrismMachine) -> [String] {
        let found = Dictionary(made.disks.map { ($0.address, $0.size) }) { first, _ in first }
        return spec.request.disks.compactMap { disk in
            guard let size = found[disk.address] else { return "there is no disk at \(disk.address)" }
            return size == disk.size ? nil : "the disk \(disk.address) has \(size) bytes, it had \(disk.size)"
        }
    }

    private func text(_ value: JSONValue?) -> String {
        value.map { String(decoding: $0.text, as: UTF8.self) } ?? "absent"
    }
}
