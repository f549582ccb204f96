import Engine

/// Where an image keeps the blocks of its disk.
protocol BlockMap: Sendable {
    /// Bytes of the disk; its last block may be cut off.
    var size: UInt64 { get }
    /// Bytes of a block.
    var blockSize: UInt64 { get }
    /// What becomes of a block.
    /// - Throws: `.corrupt` for a table that makes no sense.
    func place(of block: UInt64) async throws(EngineError) -> BlockPlace
}

/// What an image says of one block.
enum BlockPlace: Sendable {
    case zero
    /// As in the parent, or zero without one.
    case parent
    /// The block's bytes begin there in the file.
    case stored(at: UInt64)
    /// Some sectors of the block are in the file, the others as in the parent.
    case mixed(at: UInt64, SectorBits)
}

/// Which sectors of a block an image holds itself.
struct SectorBits: Sendable {
    /// In which bit of a byte its first sector is.
    enum Order: Sendable {
        case highestFirst
        case lowestFirst
    }

    let bytes: [UInt8]
    let order: Order
    /// Bytes.
    let sectorSize: UInt64
    /// The sector that the first bit stands for.
    var first: UInt64 = 0

    /// Whether the sector, counted from the block's first one, is in the file.
    func holds(_ sector: UInt64) -> Bool {
        guard sector >= first, (sector - first) / 8 < UInt64(bytes.count) else { return false }
        let bit = sector - first
        let shift = order == .highestFirst ? 7 - bit % 8 : bit % 8
        return bytes[Int(bit / 8)] >> shift & 1 == 1
    }

    /// The parts of `range`, offsets within the block, that are in the file or not, in order.
    func runs(in range: ByteRange) -> [(range: ByteRange, isHeld: Bool)] {
        var runs: [(range: ByteRange, isHeld: Bool)] = []
        var start = range.start
        while start < range.end {
            let sector = start / sectorSize
            let end = min((sector + 1) * sectorSize, range.end)
            let isHeld = holds(sector)
            if let last = runs.last, last.isHeld == isHeld {
                runs[runs.count - 1].range = ByteRange(last.range.start, end)
            } else {
                runs.append((ByteRange(start, end), isHeld))
            }
            start = end
        }
        return runs
    }
}
