@testable import Engine

extension FuzzSubjects {
    /// What comes in packages of VMs.
    static let packages: [FuzzSubject] = [
        FuzzSubject(
            name: "OVF", samples: [ovf],
            parse: { bytes throws(EngineError) in _ = try OVFDescription(bytes, what: "an OVF") }),
        FuzzSubject(
            name: "manifest of an OVA", samples: [manifest],
            parse: { bytes throws(EngineError) in
                let manifest = try OVAManifest(parsing: String(decoding: bytes, as: UTF8.self))
                guard try OVAManifest(parsing: manifest.text) == manifest else {
                    throw EngineError(.bug, "another manifest")
                }
            }),
        FuzzSubject(
            name: "header of a tar", samples: [1, 9 << 30].map { tarHeader($0) },
            parse: { bytes throws(EngineError) in _ = try TarHeader(ImageFields(bytes)) }),
    ]

    private static let ovf: [UInt8] = {
        var machine = OVFMachine(name: "a <name>", processors: 2, memory: 1 << 30)
        machine.nics = [OVFMachine.NIC(network: "net", macAddress: "50:6b:8d:01:02:03")]
        machine.controllers = [OVFMachine.Controller(.scsi), OVFMachine.Controller(.nvme)]
        machine.disks = [
            OVFMachine.Disk(capacity: 1 << 30, controller: 0, unit: 0, file: "a.vmdk"),
            OVFMachine.Disk(capacity: 512, controller: 1, unit: 3),
        ]
        let writer = OVFWriter(machine: machine, files: [OVFWriter.File(name: "a.vmdk", size: 7)])
        return Array(((try? writer.text()) ?? "").utf8)
    }()

    private static let manifest: [UInt8] = {
        var manifest = OVAManifest()
        manifest.append("a.ovf", String(repeating: "0a", count: 32))
        manifest.append("a (1).vmdk", String(repeating: "ff", count: 32))
        return Array(manifest.text.utf8)
    }()

    private static func tarHeader(_ count: UInt64) -> [UInt8] {
        TarHeader(name: "a.vmdk", count: count).bytes(time: Timestamp(milliseconds: 9))
    }
}
