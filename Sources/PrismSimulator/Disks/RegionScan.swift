import Glibc

/// Finds which blocks of a disk are used, or differ from an older state of it.
///
/// Costs the data of the files, not their size. Blocks until done.
struct RegionScan {
    private let block: Int
    private let chunk = 1 << 20

    /// - Parameter block: the grid, in bytes; a power of two up to 1 MiB.
    init(block: Int) { self.block = block }

    /// The used ranges, aligned outwards to the grid.
    func used(_ path: String) throws -> [Region] {
        let file = try DiskFile(path, flags: O_RDONLY)
        var list = RegionList()
        var position = 0
        while let extent = try file.data(from: position) {
            let start = max(position, extent.lowerBound & ~(block - 1))
            let end = (extent.upperBound + block - 1) & ~(block - 1)
            if start < end { list.append(start..<end, isZero: false) }
            position = end
        }
        return list.regions
    }

    /// The blocks of `path` whose content is not that of `reference`.
    func changed(_ path: String, since reference: String) throws -> [Region] {
        let new = try DiskFile(path, flags: O_RDONLY)
        let old = try DiskFile(reference, flags: O_RDONLY)
        let size = try new.size
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 3 * chunk, alignment: 4096)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        var list = RegionList()
        var position = 0
        while let start = try nextData(new, old, from: position) {
            position = max(position, start & ~(chunk - 1))
            if position >= size { break }
            let newBytes = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<chunk])
            let oldBytes = UnsafeMutableRawBufferPointer(rebasing: buffer[chunk..<2 * chunk])
            let zeroes = UnsafeMutableRawBufferPointer(rebasing: buffer[2 * chunk..<3 * chunk])
            try new.read(into: newBytes, at: position)
            try old.read(into: oldBytes, at: position)
            compare(newBytes, oldBytes, zeroes, at: position, size: size, into: &list)
            position += chunk
        }
        return list.regions
    }

    private func nextData(
        _ new: borrowing DiskFile, _ old: borrowing DiskFile, from position: Int
    ) throws -> Int? {
        let first = try new.data(from: position)?.lowerBound
        let second = try old.data(from: position)?.lowerBound
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }

    private func compare(
        _ new: UnsafeMutableRawBufferPointer, _ old: UnsafeMutableRawBufferPointer,
        _ zeroes: UnsafeMutableRawBufferPointer, at position: Int, size: Int, into list: inout RegionList
    ) {
        guard let new = new.baseAddress, let old = old.baseAddress, let zeroes = zeroes.baseAddress,
            memcmp(new, old, chunk) != 0
        else { return }
        for offset in stride(from: 0, to: chunk, by: block) where position + offset < size {
            if memcmp(new + offset, old + offset, block) == 0 { continue }
            let isZero = memcmp(new + offset, zeroes, block) == 0
            list.append(position + offset..<position + offset + block, isZero: isZero)
        }
    }
}
