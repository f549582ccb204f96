import Engine
import EngineContracts
import Logging

@testable import Codecs

/// Disks and VMDKs of them, in memory.
enum VMDKSamples {
    static let id = "2dc27766-f623-4200-9d64-115e9bfd4a08"

    static func format(_ settings: [String: String] = [:]) throws -> any ImageFormat {
        let entries = settings.sorted { $0.key < $1.key }.map {
            Setting.Entry(key: $0.key, place: "test", value: Setting(.scalar($0.value), at: "test"))
        }
        return try Registry<any ImageFormat>.builtin.make(
            PluginChoice(type: "vmdk", settings: Setting(.map(entries), at: "test")),
            in: PluginContext(logger: Logger(label: "test")))
    }

    /// Zeros with text and noise here and there, at the end too.
    static func disk(_ size: Int = 40 << 20) -> [UInt8] {
        var disk = [UInt8](repeating: 0, count: size)
        func put(_ bytes: [UInt8], at offset: Int) {
            guard offset < size else { return }
            let part = bytes.prefix(size - offset)
            disk.replaceSubrange(offset..<(offset + part.count), with: part)
        }
        put(SampleBytes.text(200_000, seed: 1), at: 0)
        put(SampleBytes.random(100_000, seed: 2), at: size / 3)
        put(SampleBytes.text(70_000, seed: 3), at: size / 2 + 777)
        put(SampleBytes.random(512, seed: 4), at: max(0, size - 512))
        return disk
    }

    /// The folder with `disk` written as `disk.vmdk`.
    static func written(
        _ disk: [UInt8], _ settings: [String: String] = [:], isStream: Bool = false
    ) async throws -> (MemoryImages, WrittenImage) {
        let folder = MemoryImages()
        folder["raw"] = disk
        let destination = folder.destination("disk.vmdk", isStream: isStream)
        let result = try await format(settings.merging(["id": id]) { first, _ in first })
            .write(folder.storage("raw"), to: destination) { _ in }
        try await destination.commit()
        return (folder, result)
    }

    /// Everything that the image holds.
    static func read(_ folder: MemoryImages, _ name: String = "disk.vmdk") async throws -> [UInt8] {
        try await read(try await format().open(folder.storage(name)))
    }

    static func read(_ disk: any DiskImage) async throws -> [UInt8] {
        let buffer = Buffer(capacity: max(1, Int(disk.size)))
        var start: UInt64 = 0
        while start < disk.size {
            let end = min(start + 1_000_000, disk.size)
            try await disk.read(ByteRange(start, end), into: buffer)
            start = end
        }
        return buffer.array
    }

    static func check(_ folder: MemoryImages, _ name: String = "disk.vmdk") async throws -> ImageCheck {
        try await format().check(folder.storage(name))
    }
}
