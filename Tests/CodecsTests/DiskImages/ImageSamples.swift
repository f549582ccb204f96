import Engine
import Glibc
import Logging

@testable import Codecs

/// Small images of any format, in memory.
enum ImageSamples {
    static let id = "2dc27766-f623-4200-9d64-115e9bfd4a08"
    /// Eight mebibytes, made once.
    static let disk = VMDKSamples.disk(8 << 20)

    /// `AHVAULT_FUZZ` is the number of inputs of fuzz tests for each sample, `AHVAULT_FUZZ_FIRST` that of the first one.
    static var fuzzInputs: Range<UInt64> {
        let number = { (key: String) in getenv(key).flatMap { UInt64(String(cString: $0)) } }
        let first = number("AHVAULT_FUZZ_FIRST") ?? 1
        return first..<(first + (number("AHVAULT_FUZZ") ?? 400))
    }

    static func format(_ type: String, _ settings: [String: String] = [:]) throws -> any ImageFormat {
        let entries = settings.sorted { $0.key < $1.key }.map {
            Setting.Entry(key: $0.key, place: "test", value: Setting(.scalar($0.value), at: "test"))
        }
        return try Registry<any ImageFormat>.builtin.make(
            PluginChoice(type: type, settings: Setting(.map(entries), at: "test")),
            in: PluginContext(logger: Logger(label: "test")))
    }

    /// The one file of an image of `disk`.
    static func written(_ disk: [UInt8], as type: String, _ settings: [String: String] = [:]) async throws -> [UInt8] {
        let folder = MemoryImages()
        folder["raw"] = disk
        let destination = folder.destination("disk")
        _ = try await format(type, settings.merging(["id": id]) { first, _ in first })
            .write(folder.storage("raw"), to: destination) { _ in }
        try await destination.commit()
        return folder["disk"] ?? []
    }

    /// `==` takes a tenth of a second for megabytes where tests are not optimized.
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                guard let one = a.baseAddress, let two = b.baseAddress else { return true }
                return memcmp(one, two, a.count) == 0
            }
        }
    }

    static func isZero(_ bytes: [UInt8], _ range: ByteRange) -> Bool {
        ZeroScan.isZero(bytes.span.bytes.extracting(Int(range.start)..<Int(range.end)))
    }

    static func folder(_ files: [String: [UInt8]]) -> MemoryImages {
        let folder = MemoryImages()
        for (name, bytes) in files { folder[name] = bytes }
        return folder
    }

    static func open(_ bytes: [UInt8], as type: String) async throws -> any DiskImage {
        try await format(type).open(folder(["disk": bytes]).storage("disk"))
    }

    static func read(_ bytes: [UInt8], as type: String) async throws -> [UInt8] {
        try await VMDKSamples.read(open(bytes, as: type))
    }

    static func check(_ bytes: [UInt8], as type: String) async throws -> ImageCheck {
        try await format(type).check(folder(["disk": bytes]).storage("disk"))
    }

    /// Checks a hostile file, opens it, and reads parts of what it holds.
    /// - Throws: what keeps it from being read.
    static func tryOut(_ bytes: [UInt8], as type: String) async throws {
        let check = try await check(bytes, as: type)
        let image: any DiskImage
        do {
            image = try await open(bytes, as: type)
        } catch let error as EngineError {
            guard !check.isSound else { throw EngineError(.bug, "sound by its check, but \(error)") }
            throw error
        }
        // A part that cannot be read must not keep the others from being tried.
        var failure: EngineError?
        let (middle, end) = (image.size / 2, image.size)
        for range in [
            ByteRange(0, min(end, 4 << 20)), ByteRange(middle - min(middle, 700), min(end, middle + 5000)),
            ByteRange(end - min(end, 100_001), end),
        ] {
            do throws(EngineError) {
                _ = try await image.extents(in: ByteRange(range.start, min(end, range.start + (1 << 30))))
                let buffer = Buffer(capacity: max(1, Int(range.count)))
                try await image.read(range, into: buffer)
                guard buffer.count == range.count else {
                    throw EngineError(.bug, "\(buffer.count) bytes instead of \(range.count)")
                }
            } catch {
                guard error.kind != .bug else { throw error }
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
