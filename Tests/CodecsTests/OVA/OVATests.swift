import Codecs
import EngineContracts
import Glibc
import Logging
import Testing

@testable import Engine

@Suite("An OVA that we write is what others read, and the other way round")
struct OVATests {
    private let folder: QCOW2Folder

    init() throws { folder = try QCOW2Folder() }

    static let time = Timestamp(milliseconds: 1_790_000_000_000)

    static let disks = [QCOW2SampleDisk(size: 96 << 20, seed: 4), QCOW2SampleDisk(size: 3 << 20 + 512, seed: 9)]

    static var machine: OVFMachine {
        var machine = OVFMachine(name: "Büro & <Lager> \"1\"", processors: 6, memory: 5 << 30)
        machine.coresPerSocket = 3
        machine.firmware = .uefi
        machine.hasSecureBoot = true
        machine.operatingSystem = "Debian GNU/Linux 12"
        machine.operatingSystemType = "debian11_64Guest"
        machine.nics = [
            OVFMachine.NIC(network: "VLAN 7 & 8", macAddress: "50:6b:8d:01:02:03"),
            OVFMachine.NIC(network: "other", model: "E1000"),
        ]
        machine.controllers = [OVFMachine.Controller(.scsi, model: "VirtualSCSI"), OVFMachine.Controller(.sata)]
        machine.disks = [
            OVFMachine.Disk(capacity: disks[0].size, controller: 0, unit: 8),
            OVFMachine.Disk(capacity: disks[1].size, controller: 1, unit: 0),
        ]
        return machine
    }

    static func format(_ name: String, _ settings: [String: String] = [:]) throws -> any ImageFormat {
        let place = "test:1:1"
        let entries = settings.map {
            Setting.Entry(key: $0.key, place: place, value: Setting(.scalar($0.value), at: place))
        }
        return try Registry<any ImageFormat>.builtin.make(
            PluginChoice(type: name, settings: Setting(.map(entries), at: place)),
            in: PluginContext(logger: Logger(label: "test")))
    }

    static let formats = Registry<any ImageFormat>.builtin.entries.map(\.name).sorted()

    private func write(_ name: String, to destination: any ImageDestination) async throws {
        let writer = try OVAWriter(Self.machine, disks: Self.disks, as: Self.format(name), time: Self.time)
        try await onBlockingThreads {
            _ = try await writer.write(to: destination) { _ in }
            try await destination.commit()
        }
    }

    /// Each format's usual variant, as a file and as a stream.
    @Test("disks come back equal, in every format, and every digest fits", arguments: formats, [false, true])
    func roundTrip(_ format: String, _ isStream: Bool) async throws {
        if isStream {
            let memory = MemoryImages()
            try await write(format, to: memory.destination("a.ova", isStream: true))
            try folder.write(try #require(memory["a.ova"]), to: "a.ova")
        } else {
            try await write(format, to: FileDestination(folder["a.ova"], isDurable: false))
        }
        let package = try await OVAPackage.open(FileStorage(folder["a.ova"]))
        try await onBlockingThreads { try await package.verify() }
        #expect(package.remarks == [])
        var machine = package.description.machine
        for (disk, original) in zip(machine.disks, Self.disks) {
            let opened = try await Self.format(format).open(package.file(of: disk))
            #expect(try await QCOW2Comparison.difference(original, opened) == nil)
        }
        for index in machine.disks.indices {
            machine.disks[index].file = nil
            machine.disks[index].format = OVFFormat.stream
        }
        machine.controllers[1].model = nil
        #expect(machine == Self.machine)
        try expectOthersRead("a.ova", format)
    }

    /// By `tar`, `sha256sum` and another parser of XML.
    private func expectOthersRead(_ name: String, _ format: String) throws {
        let (code, listing) = try QCOW2Folder.run("/bin/tar", ["tf", folder[name]])
        #expect(code == 0, "\(listing)")
        let names = listing.split(separator: "\n").map(String.init)
        #expect(names.count == 4)
        #expect(names.first?.hasSuffix(".ovf") == true)
        #expect(names.last?.hasSuffix(".mf") == true)
        let script = """
            set -e; cd '\(folder.path)'; mkdir out; tar xf \(name) -C out; cd out
            sed 's/^SHA256(\\(.*\\))= \\(.*\\)/\\2  \\1/' *.mf | sha256sum -c --strict --quiet
            python3 - *.ovf <<'END'
            import os, sys, xml.etree.ElementTree as tree
            ovf = '{http://schemas.dmtf.org/ovf/envelope/1}'
            root = tree.parse(sys.argv[1]).getroot()
            files = root.findall(ovf + 'References/' + ovf + 'File')
            assert len(files) == 2, files
            for file in files:
                assert os.path.getsize(file.get(ovf + 'href')) == int(file.get(ovf + 'size')), file.attrib
            END
            """
        let said = try QCOW2Folder.run("/bin/bash", ["-c", script])
        #expect(said.code == 0, "\(format): \(said.output)")
    }

    @Test("a file and a stream differ in nothing but the blanks behind the OVF")
    func sameMembers() async throws {
        let memory = MemoryImages()
        try await write("raw", to: memory.destination("file"))
        try await write("raw", to: memory.destination("stream", isStream: true))
        let members = try await ["file", "stream"].asyncMap { try await TarReader(file: memory.storage($0)).members() }
        #expect(members[0].map(\.name) == members[1].map(\.name))
        #expect(members[0].dropFirst().map(\.range.count) == members[1].dropFirst().map(\.range.count))
    }

    @Test("a file of 8 GiB and more has the size that GNU tar writes", arguments: [(8 << 30) - 512, 8 << 30, 3 << 40])
    func large(_ size: UInt64) async throws {
        let disk = QCOW2SampleDisk(size: size, islands: [(size - 4096, SampleBytes.text(4096, seed: 2))])
        var machine = OVFMachine(name: "large", processors: 1, memory: 1 << 30)
        machine.disks = [OVFMachine.Disk(capacity: size, controller: nil, unit: 0)]
        let header = TarHeader(name: "a", count: size)
        let read = try #require(try TarHeader(ImageFields(header.bytes(time: Self.time))))
        #expect(read == header)
        guard size < 1 << 40 else { return }
        let writer = try OVAWriter(machine, disks: [disk], as: Self.format("qcow2"), time: Self.time)
        let destination = FileDestination(folder["a.ova"], isDurable: false)
        try await onBlockingThreads {
            _ = try await writer.write(to: destination) { _ in }
            try await destination.commit()
        }
        let package = try await OVAPackage.open(FileStorage(folder["a.ova"]))
        let opened = try await Self.format("qcow2").open(package.file(of: package.description.machine.disks[0]))
        #expect(try await QCOW2Comparison.difference(disk, opened) == nil)
    }

    @Test("GNU tar reads a size of more than 8 GiB")
    func largeListing() throws {
        let header = TarHeader(name: "huge.vmdk", count: 9 << 30).bytes(time: Self.time)
        try folder.write(header, to: "a.tar")
        let file = try OpenFile(folder["a.tar"], O_RDWR)
        try file.resize(to: 9 << 30 + 512 + 1024)
        let (code, listing) = try QCOW2Folder.run("/bin/tar", ["tvf", folder["a.tar"]])
        #expect(code == 0)
        #expect(listing.contains(" \(9 << 30) "))
    }

    @Test("a changed byte is told with the name of its file")
    func damaged() async throws {
        try await write("raw", to: FileDestination(folder["a.ova"], isDurable: false))
        let package = try await OVAPackage.open(FileStorage(folder["a.ova"]))
        var bytes = try folder.bytes("a.ova")
        let disk = package.description.machine.disks[1]
        let member = try #require(
            try await TarReader(file: FileStorage(folder["a.ova"])).members().first { $0.name == disk.file })
        bytes[Int(member.range.start) + 4097] ^= 1
        try folder.write(bytes, to: "b.ova")
        let other = try await OVAPackage.open(FileStorage(folder["b.ova"]))
        let error = await #expect(throws: EngineError.self) { try await onBlockingThreads { try await other.verify() } }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains(try #require(disk.file)) == true)
    }

    @Test(
        "what others pack reads: pax, GNU names, an OVF with its files beside it", arguments: ["gnu", "posix", "ustar"])
    func repacked(_ tarFormat: String) async throws {
        try await write("raw", to: FileDestination(folder["a.ova"], isDurable: false))
        let script = """
            set -e; cd '\(folder.path)'; mkdir out; tar xf a.ova -C out; cd out
            tar c --format=\(tarFormat) -f ../b.ova *.ovf *.mf ./*.raw
            """
        #expect(try QCOW2Folder.run("/bin/bash", ["-c", script]).code == 0)
        let ovf = try #require(
            try QCOW2Folder.run("/bin/ls", [folder["out"]]).output.split(separator: "\n").first { $0.hasSuffix(".ovf") }
        )
        for path in ["b.ova", "out/\(ovf)"] {
            let package = try await OVAPackage.open(FileStorage(folder[path]))
            try await onBlockingThreads { try await package.verify() }
            let opened = try await Self.format("raw").open(package.file(of: package.description.machine.disks[0]))
            #expect(try await QCOW2Comparison.difference(Self.disks[0], opened) == nil)
        }
    }

    @Test("a variant that is no stream is refused before anything is written")
    func refusedVariant() throws {
        let error = #expect(throws: EngineError.self) {
            _ = try OVAWriter(
                Self.machine, disks: Self.disks, as: Self.format("qcow2", ["variant": "zstd"]), time: Self.time)
        }
        #expect(error?.kind == .unsupported)
    }

    @Test("a disk at the place of the SCSI controller itself, or of another disk, is refused", arguments: [7, 8])
    func places(_ unit: Int) async throws {
        var machine = Self.machine
        machine.disks[1].controller = 0
        machine.disks[1].unit = unit
        let writer = try OVAWriter(machine, disks: Self.disks, as: Self.format("raw"), time: Self.time)
        let memory = MemoryImages()
        let error = await #expect(throws: EngineError.self) {
            _ = try await writer.write(to: memory.destination("a")) { _ in }
        }
        #expect(error?.kind == .configuration)
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async throws -> [T] {
        var results: [T] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
