import Engine
import EngineContracts
import Testing

@testable import Codecs

@Suite("VHDs and VHDXs that we write are what QEMU reads", .enabled(if: QCOW2Folder.hasTool))
struct BlockImageWritingTests {
    struct Trial: Sendable, CustomTestStringConvertible {
        let type: String
        let settings: [String: String]
        let size: UInt64

        var testDescription: String { "\(type), \(settings.sorted { $0.key < $1.key }), \(size) bytes" }
        var unit: UInt64 {
            settings["variant"] == "azure" ? 1 << 20 : settings["sector-size"].flatMap(UInt64.init) ?? 512
        }
        /// Azure takes no smaller disks.
        var least: UInt64 { settings["variant"] == "azure" ? 20 << 20 : 0 }
    }

    private static let odd: UInt64 = 5 << 30 + 12_345 * 512

    private static let sizes: [UInt64] = [512, 3 << 20 + 512, 1 << 30, odd, 9 << 30]

    static let readByQEMU: [Trial] = {
        var trials = [Trial(type: "vhd", settings: ["variant": "azure"], size: 9 << 30)]
        for settings in [["variant": "dynamic"], ["variant": "dynamic", "block-size": "512KiB"], ["variant": "fixed"]] {
            trials += sizes.map { Trial(type: "vhd", settings: settings, size: $0) }
        }
        func add(_ variant: String, _ block: String, _ size: UInt64) {
            trials.append(Trial(type: "vhdx", settings: ["variant": variant, "block-size": block], size: size))
        }
        add("dynamic", "2MiB", 512)
        add("dynamic", "2MiB", odd)
        add("dynamic", "1MiB", 200 << 20 + 512 * 7)
        add("dynamic", "256MiB", 3 << 20 + 512)
        add("fixed", "2MiB", 3 << 20 + 512)
        add("fixed", "32MiB", odd)
        return trials
    }()

    /// Too large for QEMU to be quick, or more than it knows.
    static let readByUs: [Trial] = [
        Trial(type: "vhd", settings: ["variant": "dynamic"], size: 2040 << 30),
        Trial(type: "vhd", settings: ["variant": "azure"], size: odd),
        Trial(type: "vhd", settings: ["variant": "azure"], size: 3 << 20 + 512),
        Trial(type: "vhdx", settings: ["variant": "dynamic"], size: 2 << 40),
        Trial(type: "vhdx", settings: ["variant": "dynamic"], size: 64 << 40),
        Trial(type: "vhdx", settings: ["variant": "fixed", "block-size": "1MiB"], size: 9 << 30),
        Trial(type: "vhdx", settings: ["variant": "dynamic", "sector-size": "4096"], size: 40 << 30),
        Trial(type: "vhdx", settings: ["variant": "fixed", "sector-size": "4096"], size: odd),
    ]

    static let tooLarge: [Trial] = [
        Trial(type: "vhd", settings: ["variant": "dynamic"], size: 2040 << 30 + 512),
        Trial(type: "vhd", settings: ["variant": "fixed"], size: 2040 << 30 + 512),
        Trial(type: "vhd", settings: ["variant": "azure"], size: 32 << 40 + 512),
        Trial(type: "vhdx", settings: ["variant": "dynamic"], size: 64 << 40 + 512),
    ]

    private let folder: QCOW2Folder

    init() throws { folder = try QCOW2Folder() }

    /// Writes the disk and reads it back.
    private func roundTrip(_ trial: Trial, _ disk: QCOW2SampleDisk) async throws {
        let size = max((trial.size + trial.unit - 1) / trial.unit * trial.unit, trial.least)
        let format = try ImageSamples.format(trial.type, trial.settings)
        let path = folder["a"]
        let written = try await onBlockingThreads {
            let destination = FileDestination(path, isDurable: false)
            let written = try await format.write(disk, to: destination) { _ in }
            try await destination.commit()
            return written
        }
        #expect(written.diskSize == size)
        let wanted = DiskWindow(disk, ByteRange(0, size))
        let image = try await format.open(FileStorage(path))
        let difference = try await onBlockingThreads { try await QCOW2Comparison.difference(wanted, image) }
        #expect(difference == nil)
        let check = try await onBlockingThreads { try await format.check(FileStorage(path)) }
        #expect(check.violations == [])
    }

    @Test("of every size, byte by byte", arguments: readByQEMU)
    func equal(_ trial: Trial) async throws {
        let disk = QCOW2SampleDisk(size: trial.size)
        try await roundTrip(trial, disk)
        try await folder.makeRaw("raw", disk)
        let format = trial.type == "vhd" ? "vpc" : "vhdx"
        let facts = try folder.qemu("info", "--output=json", "-f", format, files: ["a"])
        #expect(facts.contains("\"virtual-size\": \(trial.size),"), "\(facts)")
        for window in Self.windows(trial) {
            let said = try QCOW2Folder.run(
                QCOW2Folder.tool,
                ["compare", Self.part(window, "file", folder["raw"]), Self.part(window, format, folder["a"])]
            ).output
            #expect(said.contains("identical") && !said.contains("mismatch"), "\(said)")
        }
        if trial.type == "vhdx" { try folder.qemu("check", "-f", "vhdx", files: ["a"]) }
    }

    /// What QEMU compares: of a VHDX it reads all, holes too, so of large ones the beginning, and all from the end of
    /// the first chunk on, where the table has an entry that is of no block.
    private static func windows(_ trial: Trial) -> [ByteRange] {
        guard trial.type == "vhdx", trial.size > 1 << 30 else { return [ByteRange(0, trial.size)] }
        return [
            ByteRange(0, 64 << 20), ByteRange((4 << 30) - (1 << 20), (4 << 30) + (64 << 20)),
            ByteRange(trial.size - (32 << 20), trial.size),
        ]
    }

    /// A part of an image, as QEMU is asked for it.
    private static func part(_ range: ByteRange, _ driver: String, _ path: String) -> String {
        let file = #"{"driver":"file","filename":"\#(path)"}"#
        let image = driver == "file" ? file : #"{"driver":"\#(driver)","file":\#(file)}"#
        return #"json:{"driver":"raw","offset":\#(range.start),"size":\#(range.count),"file":\#(image)}"#
    }

    @Test("where QEMU is at its end we are not", arguments: readByUs)
    func beyond(_ trial: Trial) async throws { try await roundTrip(trial, QCOW2SampleDisk(size: trial.size)) }

    @Test("larger disks are refused with the format that takes them", arguments: tooLarge)
    func refusal(_ trial: Trial) async throws {
        let format = try ImageSamples.format(trial.type, trial.settings)
        let memory = MemoryImages()
        let error = await #expect(throws: EngineError.self) {
            _ = try await format.write(QCOW2SampleDisk(size: trial.size), to: memory.destination("a")) { _ in }
        }
        #expect(error?.kind == .unsupported)
        #expect(memory.names == [])
        if trial.type == "vhd", trial.settings["variant"] != "azure" {
            #expect(error?.message.contains("use VHDX") == true)
        }
    }
}
