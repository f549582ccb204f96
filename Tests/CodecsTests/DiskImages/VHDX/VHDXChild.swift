import Engine

@testable import Codecs

/// A differencing VHDX made by hand, after [MS-VHDX].
struct VHDXChild {
    /// Bytes; less than a chunk.
    var size = 8 << 20
    var id: ImageID
    /// The data write id of the parent.
    var parent: ImageID
    /// Keys and values of the locator beside `parent_linkage`.
    var paths: [String: String] = ["relative_path": ".\\base.vhdx"]
    /// What the sectors that it holds are filled with, by their numbers.
    var sectors: [UInt64: UInt8] = [:]
    /// States of blocks whose sectors are not given.
    var states: [Int: UInt64] = [:]
    var locatorKind = VHDXLayout.parentLocatorKind

    /// Bytes: 512 or 4096.
    var sectorSize = 512

    static let blockSize = 1 << 20
    /// Blocks of a chunk of sectors of 512 bytes: behind their entries that of the sector bitmap stands.
    static let ratio = 4096

    private var ratio: Int { Self.ratio * sectorSize / 512 }

    /// The id that children know an image of ours by.
    static func dataWriteID(of image: ImageID) -> ImageID { image.derived(for: "data write") }

    func image() async throws -> VHDXBytes {
        let empty = [UInt8](repeating: 0, count: size)
        let settings = [
            "variant": "dynamic", "block-size": "1MiB", "sector-size": "\(sectorSize)", "id": id.description,
        ]
        var image = VHDXBytes(bytes: try await ImageSamples.written(empty, as: "vhdx", settings))
        image.set(2 as UInt32, at: image.data(0) + 4)
        addLocator(to: &image)
        for block in 0..<(size / Self.blockSize) { image.set(states[block] ?? 0, at: image.entry(block)) }
        addSectors(to: &image)
        return image
    }

    private func addLocator(to image: inout VHDXBytes) {
        let locator = locator
        image.set(6 as UInt16, at: VHDXBytes.metadata + 10)
        image.set(VHDXLayout.parentLocator.microsoft, at: image.item(5))
        image.set(70_000 as UInt32, at: image.item(5) + 16)
        image.set(UInt32(locator.count), at: image.item(5) + 20)
        image.set(4 as UInt32, at: image.item(5) + 24)
        let end = VHDXBytes.metadata + 70_000 + locator.count
        if image.bytes.count < end {
            image.bytes += [UInt8](repeating: 0, count: end - image.bytes.count)
        }
        image.set(locator, at: VHDXBytes.metadata + 70_000)
    }

    private var locator: [UInt8] {
        let values = paths.merging(["parent_linkage": "{\(parent.description.uppercased())}"]) { first, _ in first }
            .sorted { $0.key < $1.key }
        var fields = ImageFields(count: 20 + 12 * values.count)
        fields.set(locatorKind.microsoft, at: 0)
        fields.setLittle(UInt16(values.count), at: 18)
        var texts: [UInt8] = []
        for (index, (key, value)) in values.enumerated() {
            for (field, text) in [key, value].enumerated() {
                let bytes = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
                fields.setLittle(UInt32(fields.bytes.count + texts.count), at: 20 + 12 * index + 4 * field)
                fields.setLittle(UInt16(bytes.count), at: 20 + 12 * index + 8 + 2 * field)
                texts += bytes
            }
        }
        return fields.bytes + texts
    }

    private func addSectors(to image: inout VHDXBytes) {
        guard !sectors.isEmpty else { return }
        let bitmap = image.bytes.count
        image.set(UInt64(bitmap) | 6, at: image.entry(ratio))
        image.bytes += [UInt8](repeating: 0, count: Self.blockSize)
        for (sector, value) in sectors.sorted(by: { $0.key < $1.key }) {
            let block = Int(sector) * sectorSize / Self.blockSize
            if image.little(image.entry(block), as: UInt64.self) & 7 != 7 {
                image.set(UInt64(image.bytes.count) | 7, at: image.entry(block))
                image.bytes += [UInt8](repeating: 0, count: Self.blockSize)
            }
            image.bytes[bitmap + Int(sector) / 8] |= 1 << UInt8(sector % 8)
            let start = Int(image.little(image.entry(block), as: UInt64.self) & ~7)
            image.set(
                [UInt8](repeating: value, count: sectorSize), at: start + Int(sector) * sectorSize % Self.blockSize)
        }
    }
}
