import Engine

/// Looks at every structure of a VHD, and names what is not as the specification or known readers demand.
final class VHDInspection {
    private let storage: any ImageStorage
    private var check = ImageCheck(format: VHDImage.name)

    init(_ storage: any ImageStorage) { self.storage = storage }

    private var footerOffset: UInt64 { storage.size - UInt64(VHDFooter.size) }

    func run() async throws(EngineError) -> ImageCheck {
        guard storage.size >= UInt64(VHDFooter.size) else {
            check.error(at: 0, "\(storage.size) bytes are too few for a footer")
            return check
        }
        let end = try await storage.fields(at: footerOffset, count: VHDFooter.size, what: "the footer")
        let start = try await storage.fields(at: 0, count: VHDFooter.size, what: "the copy of the footer")
        let trailing = footer(end, at: footerOffset, "the footer")
        let isDynamic = trailing.map { $0.kind != .fixed } ?? VHDFooter.hasCookie(start)
        if isDynamic {
            let leading = footer(start, at: 0, "the copy of the footer")
            if start != end, trailing != nil, leading != nil {
                check.error(at: 0, "the copy of the footer differs from the footer: readers use one or the other")
            }
            if let footer = trailing ?? leading { try await lookAtDynamic(footer) }
        } else if let trailing {
            lookAtFixed(trailing)
        }
        await lookAtOpening()
        return check
    }

    /// The footer, when it can be used.
    private func footer(_ fields: ImageFields, at offset: UInt64, _ what: String) -> VHDFooter? {
        let footer: VHDFooter
        if offset > 0, !VHDFooter.hasCookie(fields), fields.has(VHDLayout.footerCookie, at: 1) {
            check.error(
                at: offset + 1, "\(what) has 511 bytes: it is older than Virtual PC 2004, or the last byte is missing")
            return nil
        }
        do throws(EngineError) {
            footer = try VHDFooter(fields, what: what)
        } catch {
            check.failure(error, at: offset)
            return nil
        }
        if fields.big(8, as: UInt32.self) & 2 == 0 {
            check.warning(at: offset + 8, "\(what): bit 1 of the features is 0")
        }
        if fields.big(8, as: UInt32.self) & 1 == 1 { check.warning(at: offset + 8, "\(what): marked as temporary") }
        if fields.byte(84) != 0 { check.error(at: offset + 84, "\(what): the machine is in a saved state") }
        if fields.slice(85, 427).contains(where: { $0 != 0 }) {
            check.warning(at: offset + 85, "\(what): reserved bytes are not zero")
        }
        if footer.id.isZero { check.warning(at: offset + 68, "\(what): the disk's id is zero") }
        if offset > 0 { lookAtSize(footer, offset) }
        return footer
    }

    private func lookAtSize(_ footer: VHDFooter, _ offset: UInt64) {
        if !footer.sizeIsTrusted, !VHDFooter.roundingCreators.contains(footer.creator) {
            check.error(
                at: offset + 28,
                "the creator `\(footer.creator.filter { $0 != "\0" })` is unknown to some readers, which take "
                    + "\(footer.geometry.sectors * 512) bytes of the geometry for the size instead of "
                    + "\(footer.currentSize)")
        }
        if footer.currentSize == 0 { check.error(at: offset + 48, "the disk has no bytes") }
    }

    private func lookAtFixed(_ footer: VHDFooter) {
        if footer.dataOffset != .max {
            check.warning(at: footerOffset + 16, "the data offset of a fixed disk is not all ones")
        }
        let wanted = footer.currentSize + UInt64(VHDFooter.size)
        if storage.size != wanted {
            check.error(at: footerOffset + 48, "the file has \(storage.size) bytes; a disk of this size has \(wanted)")
        }
    }

    // MARK: Dynamic disks

    private func lookAtDynamic(_ footer: VHDFooter) async throws(EngineError) {
        let offset = footer.dataOffset
        guard offset <= storage.size, UInt64(VHDLayout.headerSize) <= storage.size - offset else {
            return check.error(at: 16, "the dynamic header should be at \(offset), behind the file's end")
        }
        let fields = try await storage.fields(at: offset, count: VHDLayout.headerSize, what: "the header")
        let header: VHDDynamicHeader
        do throws(EngineError) {
            header = try VHDDynamicHeader(fields, what: "the dynamic header")
        } catch {
            return check.failure(error, at: offset)
        }
        if fields.big(8, as: UInt64.self) != .max {
            check.warning(at: offset + 8, "the dynamic header's data offset is not all ones")
        }
        let blocks = (footer.currentSize + header.blockSize - 1) / header.blockSize
        if UInt64(header.tableEntries) != blocks {
            check.error(
                at: offset + 28, "\(header.tableEntries) table entries for \(blocks) blocks: there must be as many")
        }
        guard UInt64(header.tableEntries) >= blocks else { return }
        try await lookAtTable(header, footer, blocks)
    }

    private func lookAtTable(
        _ header: VHDDynamicHeader, _ footer: VHDFooter, _ blocks: UInt64
    ) async throws(EngineError) {
        let end = header.tableOffset.addingReportingOverflow(blocks * 4)
        guard !end.overflow, end.partialValue <= storage.size else {
            return check.error(
                at: footer.dataOffset + 16, "the block table at \(header.tableOffset) ends behind the file's end")
        }
        let table = try TablePages(
            storage, at: ByteRange(header.tableOffset, end.partialValue), what: "the block table")
        var sectors: [UInt32] = []
        for block in 0..<blocks {
            let entry = try await table.big32(block)
            guard entry != VHDLayout.absent else { continue }
            let place = header.tableOffset + block * 4
            if lookAtBlock(block, entry, header, entryAt: place) { sectors.append(entry) }
        }
        lookAtOverlaps(&sectors, header)
        guard footer.kind == .dynamic else { return }
        try await lookAtBitmaps(sectors, header)
        lookAtEnd(sectors, header, tableEnd: end.partialValue)
    }

    /// Whether the block lies in the file, behind the table.
    private func lookAtBlock(
        _ block: UInt64, _ entry: UInt32, _ header: VHDDynamicHeader, entryAt place: UInt64
    ) -> Bool {
        let start = UInt64(entry) * VHDLayout.sector
        let bitmapSize = VHDLayout.bitmapSize(ofBlock: header.blockSize)
        guard start + bitmapSize + header.blockSize <= storage.size else {
            check.error(at: place, "block \(block) at \(start) ends behind the file's end")
            return false
        }
        let tableEnd = header.tableOffset + UInt64(header.tableEntries) * 4
        guard start >= tableEnd else {
            check.error(at: place, "block \(block) at \(start) lies over the headers or the table")
            return false
        }
        return true
    }

    private func lookAtOverlaps(_ sectors: inout [UInt32], _ header: VHDDynamicHeader) {
        sectors.sort()
        let length = VHDLayout.bitmapSize(ofBlock: header.blockSize) + header.blockSize
        for (one, next) in zip(sectors, sectors.dropFirst()) where UInt64(next - one) * VHDLayout.sector < length {
            check.error(
                at: UInt64(next) * VHDLayout.sector,
                "two blocks overlap: one begins at \(UInt64(one) * VHDLayout.sector), the other within it")
        }
    }

    /// Those of blocks that lie over others are left out: a hostile table could name one block for ever.
    private func lookAtBitmaps(_ sectors: [UInt32], _ header: VHDDynamicHeader) async throws(EngineError) {
        let bitmapSize = VHDLayout.bitmapSize(ofBlock: header.blockSize)
        var end: UInt64 = 0
        for sector in sectors {
            let start = UInt64(sector) * VHDLayout.sector
            guard start >= end else { continue }
            end = start + bitmapSize + header.blockSize
            let fields = try await storage.fields(at: start, count: Int(bitmapSize), what: "a bitmap")
            let bits = SectorBits(bytes: fields.bytes, order: .highestFirst, sectorSize: 1)
            let isFull = bits.runs(in: ByteRange(0, header.blockSize / VHDLayout.sector)).allSatisfy(\.isHeld)
            if !isFull {
                check.error(
                    at: start,
                    "the bitmap of the block at \(start) leaves sectors out: some readers take them for zeros")
            }
        }
    }

    /// The footer follows the last block, or the table, at once.
    private func lookAtEnd(_ sectors: [UInt32], _ header: VHDDynamicHeader, tableEnd: UInt64) {
        let length = VHDLayout.bitmapSize(ofBlock: header.blockSize) + header.blockSize
        let end = sectors.last.map { UInt64($0) * VHDLayout.sector + length } ?? tableEnd
        let wanted = (end + VHDLayout.sector - 1) / VHDLayout.sector * VHDLayout.sector
        if footerOffset > wanted {
            check.warning(at: wanted, "\(footerOffset - wanted) bytes that belong to no block lie before the footer")
        } else if footerOffset < wanted {
            check.error(at: footerOffset, "the footer lies within the last block")
        }
    }

    /// What keeps a reader from opening it that was not named yet: a parent that is not there.
    private func lookAtOpening() async {
        guard check.errorCount == 0 else { return }
        do throws(EngineError) {
            _ = try await VHDReader.open(storage)
        } catch {
            check.failure(error, at: 0)
        }
    }
}
