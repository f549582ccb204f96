import NIOPosix

/// The iSCSI targets of all volume groups that are attached to somebody.
///
/// One real target (or several, when the client asked for more virtual targets) a volume group, one logical unit a
/// disk. LUN 0 is the daemon's controller, so the disks of a target are its LUNs 1, 2, … in the order of their index;
/// each carries the id of its disk as serial number (VPD page 0x80) and device id (0x83).
actor ISCSITargets {
    private struct Target {
        var number: Int32
        var name: String
        var units: [UInt64: TargetExport.Disk] = [:]
    }

    private struct Exported {
        var export: TargetExport
        var targets: [Target]
    }

    private let daemon: TargetDaemon
    private let queue: NIOThreadPool
    private var exported: [String: Exported] = [:]
    private var nextNumber = TargetDaemon.firstTarget

    /// - Parameter queue: where the blocking calls run; one thread, so that requests keep their order.
    init(daemon: TargetDaemon, queue: NIOThreadPool) {
        self.daemon = daemon
        self.queue = queue
    }

    nonisolated var port: Int { daemon.port }

    /// The volume group whose target that is; nil when there is no such target.
    func group(ofTarget name: String) -> String? {
        exported.first { $0.value.targets.contains { $0.name == name } }?.key
    }

    /// How CHAP user names are told apart: the daemon knows each name only once, while every volume group has its
    /// own secret for the same initiator.
    static func account(_ group: String, outgoing: Bool) -> String { (outgoing ? "out-" : "in-") + group }

    /// Makes or changes the targets of a volume group.
    ///
    /// - Throws: when the daemon refuses.
    func apply(_ wanted: TargetExport) async throws {
        let old = exported[wanted.group]
        if let old,
            old.export.targetNames != wanted.targetNames || old.export.secret != wanted.secret
                || old.export.clients.map(\.secret) != wanted.clients.map(\.secret)
        {
            await withdraw(wanted.group)
        }
        var current = exported[wanted.group] ?? Exported(export: wanted, targets: [])
        if current.targets.isEmpty {
            for name in wanted.targetNames {
                current.targets.append(Target(number: nextNumber, name: name))
                nextNumber += 1
            }
            exported[wanted.group] = current
            try await create(current.targets, wanted)
            try await setClients(current.targets, from: [], to: wanted.clients)
        } else {
            try await setClients(current.targets, from: current.export.clients, to: wanted.clients)
        }
        for index in current.targets.indices {
            current.targets[index] = try await setUnits(current.targets[index], wanted.disks(ofTarget: index))
        }
        current.export = wanted
        exported[wanted.group] = current
    }

    /// Takes the targets of a volume group away; sessions on them end.
    func withdraw(_ group: String) async {
        guard let gone = exported.removeValue(forKey: group) else { return }
        let control = daemon.control
        try? await queue.runIfActive {
            for target in gone.targets { _ = try? control.send(.target, .delete, target: target.number, force: true) }
            for outgoing in [false, true] {
                _ = try? control.send(.account, .delete, parameters: "user=\(Self.account(group, outgoing: outgoing))")
            }
        }
    }

    private func create(_ targets: [Target], _ wanted: TargetExport) async throws {
        let control = daemon.control
        try await queue.runIfActive {
            var accounts: [(name: String, outgoing: Bool)] = []
            if let secret = wanted.secret {
                let name = Self.account(wanted.group, outgoing: false)
                try control.send(.account, .new, parameters: "user=\(name),password=\(secret)")
                accounts.append((name, false))
            }
            if let secret = wanted.clients.compactMap(\.secret).first {
                let name = Self.account(wanted.group, outgoing: true)
                try control.send(.account, .new, parameters: "user=\(name),password=\(secret)")
                accounts.append((name, true))
            }
            for target in targets {
                try control.send(.target, .new, target: target.number, parameters: "targetname=\(target.name)")
                for account in accounts {
                    try control.send(
                        .account, .bind, target: target.number, outgoing: account.outgoing,
                        parameters: "user=\(account.name)")
                }
            }
        }
    }

    private func setClients(
        _ targets: [Target], from old: [TargetExport.Client], to new: [TargetExport.Client]
    ) async throws {
        func rules(_ clients: [TargetExport.Client]) -> Set<String> {
            Set(
                clients.compactMap { client in
                    client.name.map { "initiator-name=\($0)" } ?? client.address.map { "initiator-address=\($0)" }
                })
        }
        let gone = rules(old).subtracting(rules(new))
        let added = rules(new).subtracting(rules(old))
        let control = daemon.control
        try await queue.runIfActive {
            for target in targets {
                for rule in gone { try control.send(.target, .unbind, target: target.number, parameters: rule) }
                for rule in added { try control.send(.target, .bind, target: target.number, parameters: rule) }
            }
        }
    }

    private func setUnits(_ target: Target, _ disks: [TargetExport.Disk]) async throws -> Target {
        var target = target
        let gone = target.units.filter { !disks.contains($0.value) }.map(\.key)
        for unit in gone { target.units[unit] = nil }
        var added: [(UInt64, TargetExport.Disk)] = []
        for disk in disks where !target.units.values.contains(disk) {
            let unit = (1...UInt64(disks.count + 1)).first { target.units[$0] == nil } ?? 1
            target.units[unit] = disk
            added.append((unit, disk))
        }
        let control = daemon.control
        let number = target.number
        try await queue.runIfActive { [added] in
            for unit in gone { try control.send(.device, .delete, target: number, unit: unit, force: true) }
            for (unit, disk) in added {
                try control.send(
                    .device, .new, target: number, unit: unit, parameters: "path=\(disk.path),bstype=rdwr")
                try control.send(
                    .device, .update, target: number, unit: unit,
                    parameters: "vendor_id=NUTANIX,product_id=VDISK,product_rev=1,scsi_sn=\(disk.id),scsi_id=\(disk.id)"
                        + ",thin_provisioning=1\(disk.isReadOnly ? ",readonly=1" : "")")
            }
        }
        return target
    }
}
