import Engine

/// A disk written as an image into a folder in memory.
struct ImageTrial: Sendable {
    let subject: ImageSubject
    let format: any ImageFormat
    let folder: MemoryImages
    let name: String
    let written: WrittenImage
    let disk: ContractDisk

    /// Writes the disk.
    static func write(
        _ disk: ContractDisk, as subject: ImageSubject, isStream: Bool = false
    ) async throws -> ImageTrial {
        let format = try subject.format()
        let (folder, name) = (MemoryImages(), try fileName(format))
        let destination = folder.destination(name, isStream: isStream)
        let written = try await format.write(disk, to: destination) { _ in }
        try await destination.commit()
        return ImageTrial(
            subject: subject, format: format, folder: folder, name: name, written: written, disk: disk)
    }

    static func fileName(_ format: any ImageFormat) throws -> String {
        "disk." + (try unwrap(type(of: format).fileExtensions.first, "it has no file extension"))
    }

    func open() async throws -> any DiskImage { try await format.open(folder.storage(name)) }

    func check() async throws -> ImageCheck { try await format.check(folder.storage(name)) }

    /// Every byte of the open image, at most `most` of them.
    func bytes(_ image: any DiskImage, most: UInt64 = .max) async throws -> [UInt8] {
        let end = min(image.size, most)
        let buffer = Buffer(capacity: max(1, Int(end)))
        var start: UInt64 = 0
        while start < end {
            let next = min(start + 700_000, end)
            try await image.read(ByteRange(start, next), into: buffer)
            start = next
        }
        return buffer.array
    }

    /// - Throws: `ContractFailure` unless the image reads as the disk does, rounded up by zeros.
    func requireEqual(_ what: String) async throws {
        let image = try await open()
        let size = subject.rounded(disk.bytes.count)
        try require(image.size == UInt64(size), "\(what): \(disk.size) bytes became \(image.size), not \(size)")
        let wanted = disk.bytes + [UInt8](repeating: 0, count: size - disk.bytes.count)
        try require(try await bytes(image) == wanted, "\(what): other bytes came back")
    }
}
