import ArgumentParser
import Engine

/// `ahvault image info FILE`
struct ImageInfo: HostCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show what the headers of an image say.",
        discussion: """
            EXAMPLES
              ahvault image info web-01.vmdk
              ahvault image info child.vhdx --allow /srv/images --json
            """)

    @OptionGroup var image: ImageArgument
    @OptionGroup var config: ConfigOption
    @OptionGroup var output: JSONOption

    func carryOut(in surroundings: Surroundings) async throws(EngineError) -> ExitStatus {
        let storage = try image.open()
        let format = try await ImageFormats(surroundings).format(of: storage, given: image.inputFormat)
        let disk = try await format.open(storage)
        let description = ImageDescription(
            disk, file: storage.name, fileSize: storage.size, data: try await disk.dataSize())
        surroundings.console.say(
            output.json ? try JSONOutput.document(description) : description.text)
        return .done
    }
}

/// An image as `image info` shows it.
struct ImageDescription: Encodable, Sendable {
    let file: String
    let format: String
    let variant: String
    /// Bytes of the disk.
    let size: UInt64
    /// Bytes of the file that was named.
    let fileSize: UInt64
    /// Bytes of the disk that are not known to be zero.
    let dataSize: UInt64
    let details: [Detail]
    let parents: [String]
    let remarks: [String]

    struct Detail: Encodable, Sendable {
        let name: String
        let value: String
    }

    init(_ disk: any DiskImage, file: String, fileSize: UInt64, data: UInt64) {
        let facts = disk.facts
        self.file = file
        self.fileSize = fileSize
        format = facts.format
        variant = facts.variant
        size = disk.size
        dataSize = data
        details = facts.details.map { Detail(name: $0.name, value: $0.value) }
        parents = facts.parents
        remarks = facts.remarks
    }

    var text: String {
        var lines = [
            "\(file): \(format), \(variant)",
            "disk: \(ByteCount(size)) (\(size) bytes), \(ByteCount(dataSize)) of data",
            "file: \(ByteCount(fileSize)) (\(fileSize) bytes)",
        ]
        lines += details.map { "\($0.name): \($0.value)" }
        lines += parents.map { "differs from: \($0)" }
        lines += remarks.map { "note: \($0)" }
        return lines.map { $0.printable(keepsLines: false) }.joined(separator: "\n")
    }
}

extension BlockReader {
    /// Bytes that are not known to be zero.
    func dataSize() async throws(EngineError) -> UInt64 {
        var (sum, start): (UInt64, UInt64) = (0, 0)
        while start < size {
            let end = size - start > 1 << 30 ? start + (1 << 30) : size
            for extent in try await extents(in: ByteRange(start, end)) where !extent.isZero {
                sum += extent.range.count
            }
            start = end
        }
        return sum
    }
}
