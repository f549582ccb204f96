import Foundation
import Testing

/// What we write, others read; what others write, we read.
@Suite("Disk images and other readers", .enabled(if: ImageOracles.isWanted, Comment(rawValue: ImageOracles.absence)))
struct ImageOracleTests {
    /// Bytes of the disks; `AHVAULT_IMAGE_SIZES=large` adds those that take minutes.
    private static let sizes: [Int] = {
        let small = [(3 << 20) + 512, 20 << 20, 160 << 20]
        let large = [1 << 30, (5 << 30) + 12_345 * 512, 9 << 30]
        return small + (ProcessInfo.processInfo.environment["AHVAULT_IMAGE_SIZES"] == "large" ? large : [])
    }()

    private static let forms = [
        "vhd dynamic", "vhd fixed", "vhdx dynamic", "vhdx fixed", "vmdk streamOptimized", "vmdk monolithicSparse",
        "vmdk monolithicFlat", "vmdk twoGbMaxExtentSparse", "vmdk vmfs", "qcow2 plain", "qcow2 zlib", "qcow2 zstd",
    ]

    /// A disk with islands at its ends, at limits of formats, and anywhere; 20 MiB are empty.
    private func disk(_ place: Workplace, size: Int) throws -> ImageDisk {
        let disk = try ImageDisk(place.file("disk.raw"), size: size)
        guard size != 20 << 20 else { return disk }
        var generator = SeededGenerator(seed: UInt64(size))
        var places = [0, size - 4096, (4 << 30) - 65_536, (2047 << 20) - 4096, (8 << 30) - 8192]
        places += (0..<20).map { _ in Int.random(in: 0..<size / 512, using: &generator) * 512 }
        for (number, start) in places.enumerated() where start >= 0 && start <= size - 4096 {
            let count = min(size - start, [4096, 70_144, 300_032][number % 3])
            if number % 2 == 0 {
                try disk.writeRandom(start..<start + count, seed: UInt64(number))
            } else {
                try disk.writeText(start..<start + count, seed: UInt64(number))
            }
        }
        return disk
    }

    private func convert(_ words: String..., in place: Workplace) async throws {
        let finished = try await Program.ahvault.run(
            ["image", "convert"] + words, in: place.path, limit: .seconds(300))
        try #require(finished.status == 0, "\(finished)")
    }

    @Test("qemu-img, 7-Zip, dissect and libyal see the disk that was written", arguments: forms)
    func written(form: String) async throws {
        let parts = form.split(separator: " ").map(String.init)
        for size in Self.sizes {
            let place = try Workplace("oracles")
            _ = try disk(place, size: size)
            let image = "out.\(parts[0])"
            try await convert(
                "disk.raw", image, "--input-format", "raw", "--format", parts[0], "--variant", parts[1], in: place)
            let complaint = try await ImageOracles.complaint(
                "disk.raw", image, parts[0], parts[1], in: place, isSampled: size > 1 << 29)
            #expect(complaint == nil, "\(size) bytes")
            let check = try await Program.ahvault.run(["image", "check", image], in: place.path)
            #expect(check.status == 0 && check.output.contains("no violation"), "\(check)")
        }
    }

    @Test(
        "settings that change the layout change nothing of the disk",
        arguments: [
            "vhd dynamic block-size=512KiB", "vhdx dynamic block-size=1MiB", "vhdx dynamic block-size=256MiB",
            "vhdx dynamic sector-size=4096", "vmdk streamOptimized compression=fast",
            "vmdk streamOptimized compression=small", "vmdk vmfs adapter-type=pvscsi", "qcow2 plain cluster-size=4KiB",
            "qcow2 zlib cluster-size=2MiB", "qcow2 zstd cluster-size=512",
        ])
    func settings(form: String) async throws {
        let parts = form.split(separator: " ").map(String.init)
        let place = try Workplace("settings")
        _ = try disk(place, size: 160 << 20)
        let image = "out.\(parts[0])"
        try await convert(
            "disk.raw", image, "--input-format", "raw", "--format", parts[0], "--variant", parts[1], "--set", parts[2],
            in: place)
        // QEMU 7.2 reads no disks of 4096-byte sectors.
        let skipped = parts[2] == "sector-size=4096" ? ["qemu-img", "qemu-img check"] : []
        let complaint = try await ImageOracles.complaint(
            "disk.raw", image, parts[0], parts[1], in: place, skipping: skipped)
        #expect(complaint == nil)
    }

    @Test(
        "a 2 TiB disk that is nearly empty is quick, and read equal",
        arguments: ["vhdx dynamic", "qcow2 plain", "vmdk vmfs"])
    func huge(form: String) async throws {
        let parts = form.split(separator: " ").map(String.init)
        let place = try Workplace("huge")
        _ = try disk(place, size: 2 << 40)
        let image = "out.\(parts[0])"
        try await convert(
            "disk.raw", image, "--input-format", "raw", "--format", parts[0], "--variant", parts[1], in: place)
        // qemu-img compares every zero of a VHDX.
        let skipped = parts[0] == "vhdx" ? ["qemu-img", "qemu-img check"] : []
        let complaint = try await ImageOracles.complaint(
            "disk.raw", image, parts[0], parts[1], in: place, skipping: skipped, isSampled: true)
        #expect(complaint == nil)
    }

    @Test(
        "what qemu-img writes is read equal, size included",
        arguments: [
            "vpc subformat=fixed,force_size=on", "vpc subformat=dynamic,force_size=on", "vhdx subformat=dynamic",
            "vhdx subformat=fixed", "vhdx block_size=1048576", "vhdx block_size=268435456",
            "vmdk subformat=monolithicSparse",
            "vmdk subformat=monolithicFlat", "vmdk subformat=twoGbMaxExtentSparse", "vmdk subformat=twoGbMaxExtentFlat",
            "vmdk subformat=streamOptimized", "vmdk subformat=monolithicSparse,zeroed_grain=on", "qcow2 compat=0.10",
            "qcow2 compat=1.1,lazy_refcounts=on", "qcow2 cluster_size=512", "qcow2 cluster_size=2097152",
            "qcow2 extended_l2=on", "qcow2 refcount_bits=1", "qcow2 compression_type=zstd", "qcow2 -c",
            "qcow2 -c compression_type=zstd", "qcow2 preallocation=metadata",
        ])
    func foreign(form: String) async throws {
        let parts = form.split(separator: " ").map(String.init)
        for size in Self.sizes {
            let place = try Workplace("foreign")
            let original = try disk(place, size: size)
            let options = parts.dropFirst().flatMap { $0 == "-c" ? ["-c"] : ["-o", $0] }
            let made = try await Program(path: "/usr/bin/qemu-img").run(
                ["convert", "-f", "raw", "-O", parts[0]] + options + ["disk.raw", "theirs"], in: place.path)
            try #require(made.status == 0, "\(made)")
            try await convert("theirs", "back.raw", "--format", "raw", in: place)
            #expect(try original.difference(to: ImageDisk(existing: place.file("back.raw"))) == nil, "\(size) bytes")
        }
    }
}
