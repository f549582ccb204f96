import Engine

/// Looks at every entry of a block table.
struct VHDXBlockInspection {
    private let head: VHDXHead
    private let reserved: [(name: String, range: ByteRange)]

    init(_ head: VHDXHead) {
        self.head = head
        reserved = [
            ("headers", ByteRange(0, VHDXLayout.headersEnd)), ("log", head.header.log), ("block table", head.table),
            ("metadata", head.metadataRegion),
        ]
    }

    private var metadata: VHDXMetadata { head.metadata }

    func run(_ check: inout ImageCheck) async throws(EngineError) {
        let entries = metadata.tableEntries
        let table = try TablePages(
            head.storage, at: ByteRange(start: head.table.start, count: entries * 8), what: "the block table")
        var used = UsedMebibytes()
        var next: UInt64?
        var needsBitmap = false
        for index in 0..<entries {
            let entry = try await table.little64(index)
            let state = VHDXBlocks.state(entry)
            if isBitmap(index) {
                if needsBitmap, state != .present {
                    check.error(at: place(index), "the sector bitmap of blocks that are partly present is missing")
                }
                needsBitmap = false
            } else if metadata.hasParent, state == .partlyPresent {
                needsBitmap = true
            }
            guard entry != 0 else {
                if metadata.isFixed, !isBitmap(index) {
                    check.error(at: place(index), "a fixed disk lacks block \(block(index))")
                }
                continue
            }
            let item = Item(index: index, entry: entry, isBitmap: isBitmap(index))
            guard let range = inspect(item, &check) else { continue }
            for area in reserved where area.range.intersection(range) != nil {
                check.error(at: place(index), "\(name(item)) at \(range.start) lies over the \(area.name)")
            }
            if !used.insert(range) {
                check.error(at: place(index), "\(name(item)) at \(range.start) overlaps another one")
            }
            if metadata.isFixed, !item.isBitmap {
                if let next, next != range.start {
                    check.error(
                        at: place(index), "the blocks of a fixed disk do not follow each other at \(name(item))")
                }
                next = range.end
            }
        }
    }

    private struct Item {
        let index: UInt64
        let entry: UInt64
        let isBitmap: Bool
    }

    private func isBitmap(_ index: UInt64) -> Bool { (index + 1) % (metadata.chunkRatio + 1) == 0 }

    /// The number of the block of an entry.
    private func block(_ index: UInt64) -> UInt64 { index - index / (metadata.chunkRatio + 1) }

    private func place(_ index: UInt64) -> UInt64 { head.table.start + index * 8 }

    private func name(_ item: Item) -> String {
        item.isBitmap ? "the sector bitmap of entry \(item.index)" : "block \(block(item.index))"
    }

    /// What an entry that is not zero takes in the file; nil when it takes nothing that can be looked at.
    private func inspect(_ item: Item, _ check: inout ImageCheck) -> ByteRange? {
        let place = place(item.index)
        let offset = VHDXBlocks.offset(item.entry)
        if item.entry & 0xFFFF8 != 0 {
            check.error(at: place, "the entry of \(name(item)) has reserved bits set: \(item.entry & 0xFFFF8)")
        }
        guard let state = state(item, &check) else { return nil }
        switch state {
        case .present, .partlyPresent: return stored(item, offset, &check)
        default: break
        }
        if offset != 0, state != .unmapped, state != .unmappedBefore {
            check.error(
                at: place, "\(name(item)) is in no file by its state \(state), and yet has the offset \(offset)")
        }
        if state == .unmappedBefore { check.warning(at: place, "\(name(item)) has the state 5 of version 0.95") }
        if metadata.isFixed { check.error(at: place, "a fixed disk lacks \(name(item))") }
        return nil
    }

    private func state(_ item: Item, _ check: inout ImageCheck) -> VHDXBlocks.State? {
        let place = place(item.index)
        guard let state = VHDXBlocks.state(item.entry) else {
            check.error(at: place, "\(name(item)) has the state \(item.entry & 7), which means nothing")
            return nil
        }
        if item.isBitmap, state != .present && state != .notPresent {
            check.error(at: place, "\(name(item)) has the state \(state)")
            return nil
        }
        if item.isBitmap, !metadata.hasParent {
            check.error(at: place, "\(name(item)) is set in a disk that has no parent")
        }
        if state == .partlyPresent, !metadata.hasParent {
            check.error(at: place, "\(name(item)) is partly present in a disk that has no parent")
            return nil
        }
        return state
    }

    private func stored(_ item: Item, _ offset: UInt64, _ check: inout ImageCheck) -> ByteRange? {
        let length = item.isBitmap ? VHDXBlocks.bitmapSize : metadata.blockSize
        guard offset >= VHDXLayout.headersEnd else {
            check.error(at: place(item.index), "\(name(item)) at \(offset) lies over the headers")
            return nil
        }
        guard offset <= head.storage.size, length <= head.storage.size - offset else {
            check.error(
                at: place(item.index),
                "\(name(item)) at \(offset) ends behind the file's end at \(head.storage.size): the file is cut off")
            return nil
        }
        return ByteRange(start: offset, count: length)
    }
}

/// Which mebibytes of a file are taken: a word for every 64 of them that have any.
private struct UsedMebibytes {
    private var words: [UInt64: UInt64] = [:]

    /// Whether nothing of the range was taken before; what lies behind the first place that was stays as it is.
    mutating func insert(_ range: ByteRange) -> Bool {
        for number in (range.start / VHDXLayout.mebibyte)..<(range.end / VHDXLayout.mebibyte) {
            let bit: UInt64 = 1 << (number % 64)
            guard words[number / 64, default: 0] & bit == 0 else { return false }
            words[number / 64, default: 0] |= bit
        }
        return true
    }
}
