import Codecs
import Engine
import EngineContracts
import Testing

@Suite("What QEMU writes as VHDX reads equal", .enabled(if: QCOW2Folder.hasTool))
struct VHDXReadingTests {
    static let sizes: [UInt64] = [3 << 20 + 512, 200 << 20 + 512 * 7, 9 << 30 + 12_345 * 512]

    private let folder: QCOW2Folder

    init() throws { folder = try QCOW2Folder() }

    private func expect(_ name: String, isLike disk: any BlockReader) async throws {
        let image = try await ImageSamples.format("vhdx").open(FileStorage(folder[name]))
        #expect(image.size == disk.size)
        let difference = try await onBlockingThreads { try await QCOW2Comparison.difference(disk, image) }
        #expect(difference == nil)
    }

    @Test(
        "dynamic, with blocks and logs of all sizes",
        arguments: ["block_size=1M", "block_size=2M", "block_size=256M", "log_size=2M", "block_state_zero=off"],
        sizes)
    func dynamic(_ options: String, _ size: UInt64) async throws {
        let disk = QCOW2SampleDisk(size: size)
        try await folder.makeRaw("raw", disk)
        try folder.qemu("convert", "-O", "vhdx", "-o", "subformat=dynamic,\(options)", files: ["raw", "a.vhdx"])
        try await expect("a.vhdx", isLike: disk)
        let check = try await ImageSamples.format("vhdx").check(FileStorage(folder["a.vhdx"]))
        #expect(check.isSound, "\(check.violations)")
        #expect(check.violations.contains { $0.message.contains("is not marked as required") })
    }

    @Test("fixed, as it should be and as it is by default", arguments: ["on", "off"])
    func fixed(_ zeros: String) async throws {
        let disk = QCOW2SampleDisk(size: 64 << 20)
        try await folder.makeRaw("raw", disk)
        try folder.qemu(
            "convert", "-O", "vhdx", "-o", "subformat=fixed,block_size=1M,block_state_zero=\(zeros)",
            files: ["raw", "a.vhdx"])
        try await expect("a.vhdx", isLike: disk)
        let check = try await ImageSamples.format("vhdx").check(FileStorage(folder["a.vhdx"]))
        #expect(check.isSound == (zeros == "off"), "\(check.violations.prefix(3))")
    }

    @Test("a file that QEMU wrote into block by block, out of order")
    func outOfOrder() async throws {
        try folder.run(["create", "-f", "vhdx", "-o", "block_size=1M", folder["a.vhdx"], "64M"])
        for (round, offset) in [60, 2, 33, 1, 47].enumerated() {
            let (code, output) = try QCOW2Folder.run(
                "/usr/bin/qemu-io",
                ["-f", "vhdx", "-c", "write -P \(round + 1) \(offset << 20) 1500160", folder["a.vhdx"]])
            try #require(code == 0, "\(output)")
        }
        try folder.qemu("convert", "-f", "vhdx", "-O", "raw", files: ["a.vhdx", "truth"])
        try await expect("a.vhdx", isLike: FileStorage(folder["truth"]))
        #expect(try await ImageSamples.format("vhdx").check(FileStorage(folder["a.vhdx"])).isSound)
    }

    @Test("QEMU replays a log made by hand as we do")
    func log() async throws {
        let disk = ImageSamples.disk
        var image = try await VHDXBytes.written("dynamic", disk)
        let table = Array(image.bytes[VHDXBytes.table..<(VHDXBytes.table + 4096)])
        let end = UInt64(image.bytes.count)
        image.set([UInt8](repeating: 0, count: 4096), at: VHDXBytes.table)
        let filler = [UInt8](repeating: 7, count: 4096)
        image.setLog([
            (
                (1 << 20) - 4096,
                VHDXLogged(
                    sequence: 5, tail: (1 << 20) - 4096, changes: [.data(VHDXBytes.table, filler)], flushedEnd: end,
                    lastEnd: end)
            ),
            (
                4096,
                VHDXLogged(
                    sequence: 6, tail: (1 << 20) - 4096,
                    changes: [.zeros(VHDXBytes.table, count: 4096)], flushedEnd: end, lastEnd: end)
            ),
            (
                8192,
                VHDXLogged(
                    sequence: 7, tail: (1 << 20) - 4096, changes: [.data(VHDXBytes.table, table)], flushedEnd: end,
                    lastEnd: end)
            ),
        ])
        try folder.write(image.bytes, to: "a.vhdx")
        let opened = try await ImageSamples.format("vhdx").open(FileStorage(folder["a.vhdx"]))
        let isOurs = try await ImageSamples.areEqual(VMDKSamples.read(opened), disk)
        #expect(isOurs)
        try folder.run(["check", "-r", "all", "-f", "vhdx", folder["a.vhdx"]])
        try folder.qemu("convert", "-f", "vhdx", "-O", "raw", files: ["a.vhdx", "truth"])
        let isTheirs = try ImageSamples.areEqual(folder.bytes("truth"), disk)
        #expect(isTheirs)
    }
}
