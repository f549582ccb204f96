import Glibc
import Yams

extension LabDescription {
    /// Reads the lab file at a path; relative paths in it start at its folder.
    ///
    /// - Throws: as `parse`, or an error that names the file.
    package static func load(_ path: String) throws -> LabDescription {
        let file = try DiskFile(path, flags: O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: min(try file.size, 1 << 24))
        try bytes.withUnsafeMutableBytes { (buffer) throws in try file.read(into: buffer, at: 0) }
        let folder =
            path.contains("/")
            ? path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") : "."
        return try parse(String(decoding: bytes, as: UTF8.self), folder: folder)
    }

    /// Reads a lab file (YAML).
    ///
    /// - Parameters:
    ///   - text: the YAML.
    ///   - folder: where relative paths of image files start.
    /// - Throws: `LabError` that names the member at fault, or a YAML error with line and column.
    package static func parse(_ text: String, folder: String) throws -> LabDescription {
        guard let node = try Yams.compose(yaml: text) else { throw LabError(place: "lab", reason: "the file is empty") }
        var reader = try LabReader(json(node), at: "lab")
        let lab = try read(&reader, folder: folder)
        try reader.finish()
        try lab.check()
        return lab
    }

    /// YAML as JSON values: plain scalars by their look, quoted ones as texts.
    static func json(_ node: Node) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            return .object(
                Dictionary(mapping.map { ($0.key.string ?? "", json($0.value)) }, uniquingKeysWith: { _, last in last })
            )
        case .sequence(let sequence): return .array(sequence.map(json))
        case .alias: return .null
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            if node.null != nil { return .null }
            if let flag = ["true": true, "false": false][scalar.string] { return .bool(flag) }
            if let number = Int(scalar.string) { return .int(number) }
            if let number = Double(scalar.string) { return .double(number) }
            return .string(scalar.string)
        }
    }

    private static func read(_ lab: inout LabReader, folder: String) throws(LabError) -> LabDescription {
        LabDescription(
            users: try lab.list("users") { (user) throws(LabError) in
                User(
                    name: try user.required("name"), password: try user.required("password"),
                    apiKey: try user.text("apiKey"))
            },
            central: try lab.object("prismCentral") { (pc) throws(LabError) in
                let name = try pc.text("name", or: "prism-central")
                return Central(
                    name: name, extId: try pc.text("extId", or: Identity.named("cluster/\(name)")),
                    address: try pc.text("address", or: "127.0.0.1"), port: try pc.int("port", or: 9440),
                    version: try pc.text("version", or: "7.3.1.9"))
            },
            clusters: try lab.list("clusters", cluster),
            subnets: try lab.list("subnets") { (subnet) throws(LabError) in
                let name = try subnet.required("name")
                let cluster = try subnet.required("cluster")
                return Subnet(
                    name: name, extId: try subnet.text("extId", or: Identity.named("subnet/\(cluster)/\(name)")),
                    cluster: cluster, vlan: try subnet.int("vlan", or: 0),
                    isExternal: try subnet.bool("external", or: false))
            },
            categories: try lab.list("categories") { (category) throws(LabError) in
                let key = try category.required("key")
                let value = try category.required("value")
                return Category(
                    key: key, value: value,
                    extId: try category.text("extId", or: Identity.named("category/\(key)/\(value)")))
            },
            images: try lab.list("images") { (image) throws(LabError) in
                let name = try image.required("name")
                return Image(
                    name: name, extId: try image.text("extId", or: Identity.named("image/\(name)")),
                    cluster: try image.required("cluster"), type: try image.text("type", or: "ISO_IMAGE"),
                    size: try image.bytes("size") ?? 1 << 20)
            },
            machines: try lab.list("vms") { (vm) throws(LabError) in try machine(&vm, folder: folder) },
            settings: try lab.object("settings", Settings.read),
            faults: try lab.list("faults", Fault.read))
    }

    private static func cluster(_ cluster: inout LabReader) throws(LabError) -> Cluster {
        let name = try cluster.required("name")
        let address = try cluster.required("address")
        let services = try cluster.text("dataServices")
        return Cluster(
            name: name, extId: try cluster.text("extId", or: Identity.named("cluster/\(name)")), address: address,
            port: try cluster.int("port", or: 9440), dataServices: services,
            iscsiPort: try cluster.int("iscsiPort", or: 3260),
            controllerVM: try cluster.text("controllerVM", or: services ?? address),
            version: try cluster.text("version", or: "7.3.1.5"),
            containers: try cluster.list("containers") { (container) throws(LabError) in
                let label = try container.required("name")
                return Container(
                    name: label, extId: try container.text("extId", or: Identity.named("container/\(name)/\(label)")),
                    isInternal: try container.bool("internal", or: false))
            })
    }

    private static func machine(_ vm: inout LabReader, folder: String) throws(LabError) -> LabMachine {
        let name = try vm.required("name")
        let key = "vm/\(name)"
        return LabMachine(
            name: name, extId: try vm.text("extId", or: Identity.named(key)),
            description: try vm.text("description", or: ""), cluster: try vm.required("cluster"),
            sockets: try vm.int("sockets", or: 1), cores: try vm.int("coresPerSocket", or: 1),
            memory: try vm.bytes("memory") ?? 1 << 30,
            machineType: try vm.text("machineType", or: "pc").uppercased(), boot: try vm.choice("boot", or: .legacy),
            hasTPM: try vm.bool("vtpm", or: false), isOn: try vm.bool("power", or: true),
            categories: try vm.texts("categories"),
            guestTools: try guestTools(&vm),
            disks: try vm.list("disks") { (disk) throws(LabError) in
                let bus = try disk.choice("bus", or: LabMachine.Bus.scsi)
                let index = try disk.int("index", or: 0)
                let image = try disk.text("image")
                return LabMachine.Disk(
                    extId: try disk.text("extId", or: Identity.named("\(key)/\(bus.rawValue).\(index)")), bus: bus,
                    index: index, size: try disk.bytes("size"),
                    image: image.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" },
                    container: try disk.text("container"))
            },
            drives: try vm.list("cdroms") { (drive) throws(LabError) in
                let bus = try drive.choice("bus", or: LabMachine.Bus.ide)
                let index = try drive.int("index", or: 0)
                return LabMachine.Drive(
                    extId: Identity.named("\(key)/cdrom/\(bus.rawValue).\(index)"), bus: bus, index: index,
                    image: try drive.text("image"))
            },
            nics: try nics(&vm, key: key))
    }

    private static func nics(_ vm: inout LabReader, key: String) throws(LabError) -> [LabMachine.NIC] {
        var count = 0
        return try vm.list("nics") { (nic) throws(LabError) in
            count += 1
            let digits = Identity.named("\(key)/nic/\(count)").filter(\.isHexDigit)
            let pairs = stride(from: 0, to: 6, by: 2).map { String(Array(digits)[$0..<$0 + 2]) }
            return LabMachine.NIC(
                extId: Identity.named("\(key)/nic/\(count)"), subnet: try nic.required("subnet"),
                mac: try nic.text("mac", or: "50:6b:8d:" + pairs.joined(separator: ":")),
                isConnected: try nic.bool("connected", or: true), address: try nic.text("address"))
        }
    }

    private static func guestTools(_ vm: inout LabReader) throws(LabError) -> LabMachine.GuestTools? {
        guard vm.value("guestTools") != nil else { return nil }
        return try vm.object("guestTools") { (tools) throws(LabError) in
            LabMachine.GuestTools(
                isInstalled: try tools.bool("installed", or: true), isEnabled: try tools.bool("enabled", or: true),
                isReachable: try tools.bool("reachable", or: true), isVSSCapable: try tools.bool("vss", or: true),
                system: try tools.text("system", or: "windows:64:Windows Server 2022"))
        }
    }
}
