import Engine

@testable import Codecs

/// A small VHDX in memory, whose structures can be found and changed.
struct VHDXBytes: Sendable {
    var bytes: [UInt8]

    static func written(
        _ variant: String = "dynamic", _ disk: [UInt8] = ImageSamples.disk, blockSize: String = "1MiB"
    ) async throws -> VHDXBytes {
        let settings = ["variant": variant, "block-size": blockSize]
        return VHDXBytes(bytes: try await ImageSamples.written(disk, as: "vhdx", settings))
    }

    static let headers = VHDXLayout.headerOffsets.map { Int($0) }
    static let regionTables = VHDXLayout.regionTableOffsets.map { Int($0) }
    static let log = Int(VHDXLayout.log.start)
    static let metadata = Int(VHDXLayout.metadata.start)
    static let table = Int(VHDXLayout.tableOffset)

    /// Offset of a block's entry in the table of a disk smaller than a chunk.
    func entry(_ block: Int) -> Int { Self.table + 8 * block }

    /// Offset of the entry of a metadata item, in the order in which they are written.
    func item(_ number: Int) -> Int { Self.metadata + 32 + 32 * number }

    /// Offset of the data of a metadata item.
    func data(_ number: Int) -> Int { Self.metadata + Int(little(item(number) + 16, as: UInt32.self)) }

    func little<N: FixedWidthInteger & UnsignedInteger>(_ offset: Int, as type: N.Type = N.self) -> N {
        ImageFields(Array(bytes[offset..<(offset + N.bitWidth / 8)])).little(0)
    }

    mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<(offset + $0.count), with: $0) }
    }

    mutating func set(_ value: [UInt8], at offset: Int) {
        bytes.replaceSubrange(offset..<(offset + value.count), with: value)
    }

    mutating func setEntry(_ block: Int, _ change: (UInt64) -> UInt64) {
        set(change(little(entry(block))), at: entry(block))
    }

    /// Makes the checksums of headers and region tables right again.
    mutating func seal() {
        for offset in Self.headers { seal(offset, VHDXLayout.headerSize) }
        for offset in Self.regionTables { seal(offset, VHDXLayout.regionTableSize) }
    }

    private mutating func seal(_ offset: Int, _ count: Int) {
        guard offset + count <= bytes.count else { return }
        set(CRC32C.of(Array(bytes[offset..<(offset + count)]), fieldAt: 4), at: offset + 4)
    }

    /// Puts entries into the log, which was not closed then. Places are those in the ring.
    mutating func setLog(_ entries: [(place: Int, entry: VHDXLogged)], id: ImageID = .named("log")) {
        for header in Self.headers { set(id.microsoft, at: header + 48) }
        for (place, entry) in entries {
            for (index, byte) in entry.bytes(id).enumerated() {
                bytes[Self.log + (place + index) % Int(VHDXLayout.log.count)] = byte
            }
        }
        seal()
    }
}
