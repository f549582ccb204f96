import Codecs
import Engine
import EngineContracts
import Glibc
import Testing

@Suite("What QEMU writes as qcow2 reads equal", .enabled(if: QCOW2Folder.hasTool))
struct QCOW2ReaderTests {
    static let options: [String] = [
        "compat=0.10", "compat=1.1", "cluster_size=512", "cluster_size=2M", "lazy_refcounts=on", "extended_l2=on",
        "extended_l2=on,cluster_size=16k", "extended_l2=on,compression_type=zstd", "compression_type=zstd",
        "preallocation=metadata", "preallocation=falloc", "preallocation=full", "preallocation=metadata,extended_l2=on",
        "refcount_bits=1", "refcount_bits=2", "refcount_bits=4", "refcount_bits=8", "refcount_bits=32",
        "refcount_bits=64", "compat=0.10,cluster_size=4k",
    ]

    private let folder: QCOW2Folder

    init() throws { folder = try QCOW2Folder() }

    private func makeRaw(_ name: String, _ disk: QCOW2SampleDisk) async throws {
        let destination = FileDestination(folder[name], isDurable: false)
        let sink = try await destination.begin(name)
        for island in disk.islands { try await sink.write(island.bytes, at: island.start) }
        try await sink.finish(size: disk.size)
        try await destination.commit()
    }

    /// The image reads like the disk, its extents included, and the check finds nothing.
    private func expect(_ name: String, isLike disk: any BlockReader) async throws {
        let opened = try await QCOW2Trial.open(folder[name])
        let difference = try await onBlockingThreads { try await QCOW2Comparison.difference(disk, opened) }
        #expect(difference == nil)
        #expect(try await QCOW2Trial.check(folder[name]).violations == [])
    }

    @Test("with each option, plain", arguments: options)
    func plain(_ options: String) async throws {
        let disk = QCOW2SampleDisk(size: 200 << 20 + 512 * 7)
        try await makeRaw("a.raw", disk)
        try folder.qemu("convert", "-O", "qcow2", "-o", options, files: ["a.raw", "a.qcow2"])
        try await expect("a.qcow2", isLike: disk)
    }

    @Test(
        "with each option, compressed",
        arguments: options.filter {
            !$0.contains("prealloc") && !$0.contains("cluster_size=512") && $0 != "refcount_bits=1"
        })
    func compressed(_ options: String) async throws {
        let disk = QCOW2SampleDisk(size: 200 << 20)
        try await makeRaw("a.raw", disk)
        try folder.qemu("convert", "-c", "-O", "qcow2", "-o", options, files: ["a.raw", "a.qcow2"])
        try await expect("a.qcow2", isLike: disk)
        let opened = try await QCOW2Trial.open(folder["a.qcow2"])
        #expect(opened.facts.variant == (options.contains("zstd") ? "zstd" : "zlib"))
    }

    @Test(
        "with and without a thread for each request, many sizes",
        arguments: [5 << 30 + 12_345 * 512, 9 << 30, 3 << 20 + 512])
    func sizes(_ size: UInt64) async throws {
        let disk = QCOW2SampleDisk(size: size)
        try await makeRaw("a.raw", disk)
        try folder.qemu("convert", "-W", "-m", "16", "-O", "qcow2", files: ["a.raw", "a.qcow2"])
        try await expect("a.qcow2", isLike: disk)
        try folder.qemu("convert", "-c", "-W", "-m", "16", "-O", "qcow2", files: ["a.raw", "b.qcow2"])
        try await expect("b.qcow2", isLike: disk)
    }

    @Test("a chain of backing files, of several formats and sizes", arguments: ["raw", "qcow2", "vpc", "vhdx"])
    func chain(_ baseFormat: String) async throws {
        let size: UInt64 = 64 << 20
        let base = QCOW2SampleDisk(size: size)
        try await makeRaw("a.raw", base)
        let options = baseFormat == "vpc" ? ["-o", "force_size=on"] : []
        try folder.run(["convert", "-O", baseFormat] + options + [folder["a.raw"], folder["base"]])
        try folder.run([
            "create", "-f", "qcow2", "-F", baseFormat, "-b", "base", folder["middle"], "\(size + (1 << 20))",
        ])
        try folder.write(9, at: 3 << 20, count: 70_000, of: "middle")
        try folder.write(0, at: 64 << 10, count: 200_000, of: "middle")
        try folder.run(["create", "-f", "qcow2", "-F", "qcow2", "-b", "middle", folder["top"]])
        try folder.write(4, at: size, count: 4096, of: "top")
        try folder.qemu("convert", "-O", "raw", files: ["top", "truth"])
        let truth = try await QCOW2Trial.raw(folder["truth"])
        try await expect("top", isLike: truth)
        let facts = try await QCOW2Trial.open(folder["top"]).facts
        #expect(facts.parents.count == 2)
        #expect(facts.parents.last?.hasSuffix("/base") == true)
    }

    @Test("extended entries over a backing file, subcluster by subcluster")
    func subclusters() async throws {
        let base = QCOW2SampleDisk(size: 8 << 20, islands: [(0, SampleBytes.text(8 << 20, seed: 5))])
        try await makeRaw("base", base)
        try folder.run([
            "create", "-f", "qcow2", "-o", "extended_l2=on", "-F", "raw", "-b", "base", folder["top"],
        ])
        for index in 0..<40 {
            try folder.write(
                index % 3 == 0 ? 0 : index, at: UInt64(index) * 150_000 / 512 * 512, count: 2048 * (index % 4 + 1),
                of: "top")
        }
        try folder.qemu("convert", "-O", "raw", files: ["top", "truth"])
        try await expect("top", isLike: QCOW2Trial.raw(folder["truth"]))
    }

    @Test("without a format named, the backing file is what it looks like")
    func unnamedFormat() async throws {
        let disk = QCOW2SampleDisk(size: 4 << 20)
        try await makeRaw("a.raw", disk)
        try folder.run(["convert", "-O", "qcow2", folder["a.raw"], folder["base"]])
        try folder.run(["create", "-f", "qcow2", "-F", "qcow2", "-b", "base", folder["top"]])
        var bytes = try folder.bytes("top")
        let mark = try #require(bytes.firstRange(of: [0xE2, 0x79, 0x2A, 0xCA]))
        bytes.replaceSubrange(mark, with: [0x12, 0x34, 0x56, 0x78])
        try folder.write(bytes, to: "top")
        let opened = try await QCOW2Trial.open(folder["top"])
        #expect(try await QCOW2Comparison.difference(disk, opened) == nil)
        #expect(try await QCOW2Trial.check(folder["top"]).isSound)
    }

    @Test("a backing file elsewhere is refused, one beside the image is found")
    func elsewhere() async throws {
        let other = try QCOW2Folder()
        try folder.run(["create", "-f", "raw", other["base"], "1M"])
        try folder.run(["create", "-f", "qcow2", "-F", "raw", "-b", other["base"], folder["top"]])
        let error = await #expect(throws: EngineError.self) { _ = try await QCOW2Trial.open(folder["top"]) }
        #expect(error?.kind == .denied)
        try folder.run(["create", "-f", "raw", folder["base"], "1M"])
        _ = try await QCOW2Trial.open(folder["top"])
    }

    @Test("a backing file that is missing, a loop, and one over the network are told")
    func missing() async throws {
        try folder.run(["create", "-f", "qcow2", "-u", "-F", "raw", "-b", "gone", folder["a"], "1M"])
        let missing = await #expect(throws: EngineError.self) { _ = try await QCOW2Trial.open(folder["a"]) }
        #expect(missing?.kind == .notFound)
        #expect(try await !QCOW2Trial.check(folder["a"]).isSound)
        try folder.run(["create", "-f", "qcow2", "-u", "-F", "qcow2", "-b", "b", folder["b"], "1M"])
        let loop = await #expect(throws: EngineError.self) { _ = try await QCOW2Trial.open(folder["b"]) }
        #expect(loop?.kind == .unsupported)
        try folder.run(["create", "-f", "qcow2", "-u", "-F", "raw", "-b", "nbd://host/x", folder["c"], "1M"])
        let network = await #expect(throws: EngineError.self) { _ = try await QCOW2Trial.open(folder["c"]) }
        #expect(network?.kind == .unsupported)
    }

    @Test("of an image with internal snapshots the present state is read", arguments: ["64k", "512"])
    func snapshots(_ clusterSize: String) async throws {
        try folder.run(["create", "-f", "qcow2", "-o", "cluster_size=\(clusterSize)", folder["a"], "20M"])
        for round in 1...3 {
            try folder.write(round, at: UInt64(round) * 1_000_448, count: 300_000, of: "a")
            try folder.qemu("snapshot", "-c", "number \(round)", files: ["a"])
        }
        try folder.write(7, at: 1_500_160, count: 100_000, of: "a")
        try folder.qemu("convert", "-O", "raw", files: ["a", "truth"])
        try await expect("a", isLike: QCOW2Trial.raw(folder["truth"]))
        let facts = try await QCOW2Trial.open(folder["a"]).facts
        #expect(facts.remarks.contains { $0.contains("3 internal snapshots") })
    }

    @Test("an external data file is followed", arguments: ["off", "on"])
    func externalData(_ raw: String) async throws {
        try folder.run([
            "create", "-f", "qcow2", "-o", "data_file=\(folder["data"]),data_file_raw=\(raw)", folder["a"], "20M",
        ])
        try folder.write(5, at: 1_000_448, count: 300_000, of: "a")
        try folder.qemu("convert", "-O", "raw", files: ["a", "truth"])
        try await expect("a", isLike: QCOW2Trial.raw(folder["truth"]))
    }

    @Test("bitmaps are left alone, and their clusters are counted")
    func bitmaps() async throws {
        try folder.run(["create", "-f", "qcow2", folder["a"], "20M"])
        try folder.run(["bitmap", "--add", "--enable", folder["a"], "seen"])
        try folder.write(5, at: 1_000_448, count: 300_000, of: "a")
        try folder.qemu("convert", "-O", "raw", files: ["a", "truth"])
        try await expect("a", isLike: QCOW2Trial.raw(folder["truth"]))
    }

    @Test("an encrypted image is refused by name", arguments: ["aes", "luks"])
    func encrypted(_ method: String) async throws {
        try folder.run([
            "create", "--object", "secret,id=s,data=word", "-f", "qcow2", "-o",
            "encrypt.format=\(method),encrypt.key-secret=s" + (method == "luks" ? ",encrypt.iter-time=10" : ""),
            folder["a"], "1M",
        ])
        let error = await #expect(throws: EngineError.self) { _ = try await QCOW2Trial.open(folder["a"]) }
        #expect(error?.kind == .unsupported)
        #expect(error?.description.contains(method.uppercased()) == true)
        let check = try await QCOW2Trial.check(folder["a"])
        #expect(check.violations.count == 1)
        #expect(check.violations.first?.message.contains(method.uppercased()) == true)
    }

    @Test("an image that was not closed reads, and says so")
    func dirty() async throws {
        let disk = QCOW2SampleDisk(size: 4 << 20)
        _ = try await QCOW2Trial.write(disk, to: folder["a"])
        var bytes = try folder.bytes("a")
        bytes[79] |= 1
        try folder.write(bytes, to: "a")
        let opened = try await QCOW2Trial.open(folder["a"])
        #expect(try await QCOW2Comparison.difference(disk, opened) == nil)
        #expect(opened.facts.remarks.count == 1)
        #expect(try await QCOW2Trial.check(folder["a"]).isSound)
    }
}

extension QCOW2Folder {
    /// Runs `qemu-img`.
    func run(_ words: [String]) throws {
        let (code, output) = try Self.run(Self.tool, words)
        guard code == 0 else { throw EngineError(.failed, "qemu-img \(words.joined(separator: " ")): \(output)") }
    }

    /// Has QEMU write a byte many times.
    func write(_ byte: Int, at offset: UInt64, count: Int, of name: String) throws {
        let command = byte == 0 ? "write -z" : "write -P \(byte)"
        let (code, output) = try Self.run(
            "/usr/bin/qemu-io", ["-f", "qcow2", "-c", "\(command) \(offset) \(count / 512 * 512)", self[name]])
        guard code == 0 else { throw EngineError(.failed, "qemu-io: \(output)") }
    }
}

extension QCOW2Trial {
    static func raw(_ path: String) async throws -> any BlockReader { try FileStorage(path) }
}
