import Codecs
import Engine
import EngineContracts
import Testing

@Suite("What QEMU writes as VHD reads equal", .enabled(if: QCOW2Folder.hasTool))
struct VHDReadingTests {
    static let sizes: [UInt64] = [3 << 20 + 512, 200 << 20 + 512 * 7, 1 << 30, 5 << 30 + 12_345 * 512]

    private let folder: QCOW2Folder

    init() throws { folder = try QCOW2Folder() }

    @Test(
        "fixed and dynamic, with its size forced or rounded",
        arguments: ["fixed", "dynamic", "fixed,force_size=on", "dynamic,force_size=on"],
        sizes)
    func written(_ options: String, _ size: UInt64) async throws {
        let disk = QCOW2SampleDisk(size: size)
        try await folder.makeRaw("raw", disk)
        try folder.qemu("convert", "-O", "vpc", "-o", "subformat=\(options)", files: ["raw", "a.vhd"])
        let image = try await ImageSamples.format("vhd").open(FileStorage(folder["a.vhd"]))
        #expect(options.hasPrefix(image.facts.variant))
        #expect(options.contains("force") ? image.size == size : image.size >= size)
        try folder.qemu("convert", "-f", "vpc", "-O", "raw", files: ["a.vhd", "truth"])
        let truth = try FileStorage(folder["truth"])
        let difference = try await onBlockingThreads { try await QCOW2Comparison.difference(truth, image) }
        #expect(difference == nil)
        let check = try await ImageSamples.format("vhd").check(FileStorage(folder["a.vhd"]))
        #expect(check.isSound, "\(check.violations)")
    }

    @Test("a file that QEMU wrote into block by block, out of order")
    func outOfOrder() async throws {
        try folder.run(["create", "-f", "vpc", "-o", "force_size=on", folder["a.vhd"], "64M"])
        for (round, offset) in [60, 2, 33, 1, 47].enumerated() {
            let (code, output) = try QCOW2Folder.run(
                "/usr/bin/qemu-io",
                ["-f", "vpc", "-c", "write -P \(round + 1) \(offset << 20) 1500160", folder["a.vhd"]])
            try #require(code == 0, "\(output)")
        }
        try folder.qemu("convert", "-f", "vpc", "-O", "raw", files: ["a.vhd", "truth"])
        let image = try await ImageSamples.format("vhd").open(FileStorage(folder["a.vhd"]))
        #expect(try await QCOW2Comparison.difference(FileStorage(folder["truth"]), image) == nil)
        let check = try await ImageSamples.format("vhd").check(FileStorage(folder["a.vhd"]))
        #expect(check.isSound, "\(check.violations)")
    }
}

extension QCOW2Folder {
    /// The disk as a raw file.
    func makeRaw(_ name: String, _ disk: QCOW2SampleDisk) async throws {
        let destination = FileDestination(self[name], isDurable: false)
        let sink = try await destination.begin(name)
        for island in disk.islands { try await sink.write(island.bytes, at: island.start) }
        try await sink.finish(size: disk.size)
        try await destination.commit()
    }
}
