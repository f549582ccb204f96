/// A physical volume of LVM2: its id, and the newest text that it keeps about its group.
struct LVMPhysicalVolume: Sendable {
    /// 32 characters, as in the label.
    let id: String
    let volume: GuestVolume
    /// Of the whole group; nil when this volume keeps none.
    let metadata: LVMText?

    private static let magic: [UInt8] = Array(" LVM2 x[5A%r0N*>".utf8)
    private static let mostMetadata: UInt64 = 8 << 20

    /// Nil without a label in one of the first four sectors.
    static func read(_ volume: GuestVolume) async throws(EngineError) -> LVMPhysicalVolume? {
        let head = try await volume.fields(at: 0, count: Int(min(volume.size, 2048)))
        guard let label = stride(from: 0, to: 2048, by: 512).first(where: { head.has("LABELONE", at: $0) }),
            head.has("LVM2 001", at: label + 24)
        else { return nil }
        let header = label + Int(min(head.little(label + 20, as: UInt32.self), 512))
        let id = String(decoding: head.slice(header, 32), as: UTF8.self)
        for area in metadataAreas(head, from: header + 40) {
            if let text = try await text(volume, at: area) {
                return LVMPhysicalVolume(id: id, volume: volume, metadata: text)
            }
        }
        return LVMPhysicalVolume(id: id, volume: volume, metadata: nil)
    }

    /// Two lists of places, each ended by zeros: of data, and of metadata.
    private static func metadataAreas(_ head: ImageFields, from start: Int) -> [UInt64] {
        var offset = start
        var areas: [UInt64] = []
        for list in 0..<2 {
            for _ in 0..<16 {
                let place = head.little(offset, as: UInt64.self)
                offset += 16
                if place == 0 { break }
                if list == 1 { areas.append(place) }
            }
        }
        return areas
    }

    private static func text(_ volume: GuestVolume, at area: UInt64) async throws(EngineError) -> LVMText? {
        guard let header = try await volume.fieldsIfThere(at: area, count: 512), header.slice(4, 16) == magic else {
            return nil
        }
        let size = header.little(32, as: UInt64.self)
        let (offset, count) = (header.little(40, as: UInt64.self), header.little(48, as: UInt64.self))
        guard size > 512, offset >= 512, offset < size, count > 0, count <= min(mostMetadata, size - 512),
            area <= volume.size, size <= volume.size - area
        else { return nil }
        // The text goes round at the area's end.
        let first = min(count, size - offset)
        var bytes = try await volume.bytes(at: area + offset, count: Int(first))
        bytes += try await volume.bytes(at: area + 512, count: Int(count - first))
        return try LVMText(parsing: bytes)
    }
}
