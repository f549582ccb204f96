import Engine
import Glibc

/// Takes the file of a fixed VHD, front to back, and writes it as pages: slots of 4 MiB, each in a buffer and on a lane of its
/// own, only what holds data, the footer last.
///
/// What is in Azure already where the disk is zero is overwritten with zeros: an upload may have been begun by another.
// Proof of @unchecked Sendable: one task uses a sink, and what lanes share is in the ledger.
final class PageSink: ImageSink, @unchecked Sendable {
    private let store: any PageStore
    private let size: UInt64
    private let lanes: PageLanes
    private let line: WaitingLine
    private let ledger: UploadLedger
    private let used: UsedRanges
    private let present: PresentPages
    private let start: UInt64
    private var open: OpenSlot?
    private var footer: [UInt8] = []
    /// All before it has been given to lanes, or is zero and clean.
    private var position: UInt64

    /// The slot that is being filled.
    private struct OpenSlot {
        let number: UInt64
        let lane: Int
        let buffer: Buffer
        /// What was written, in order, as places of the file.
        var runs: [ByteRange]
    }

    /// - Parameters:
    ///   - size: bytes of the VHD.
    ///   - disk: what is written, for where it holds data.
    ///   - line: in front of all uploads of the export.
    init(
        to store: any PageStore, size: UInt64, of disk: any BlockReader, lanes: PageLanes, line: WaitingLine,
        ledger: UploadLedger, isFresh: Bool
    ) {
        self.store = store
        self.size = size
        self.lanes = lanes
        self.line = line
        self.ledger = ledger
        used = UsedRanges(disk)
        present = PresentPages(store, size: size, isFresh: isFresh)
        start = ledger.mark.done
        position = start
    }

    private var diskSize: UInt64 { size - AzureLimits.footer }

    func write(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) async throws(EngineError) {
        let end = offset + UInt64(range.count)
        guard end <= diskSize else {
            guard offset == diskSize, end == size else {
                throw EngineError(.bug, "bytes at \(offset) of a VHD whose footer is at \(diskSize)")
            }
            footer = buffer.withBytes(range) { bytes in bytes.withUnsafeBytes { Array($0) } }
            return
        }
        var place = max(offset, start)
        while place < end {
            let slot = place / PageLayout.slot
            let limit = min(end, (slot + 1) * PageLayout.slot)
            try await openSlot(slot)
            let from = range.lowerBound + Int(place - offset)
            buffer.withBytes(from..<(from + Int(limit - place))) { bytes in
                open?.buffer.fill(bytes, at: Int(place % PageLayout.slot))
            }
            open?.runs.append(ByteRange(place, limit))
            place = limit
        }
    }

    private func openSlot(_ slot: UInt64) async throws(EngineError) {
        if let open {
            guard slot >= open.number else {
                throw EngineError(.bug, "slot \(slot) of an upload that is at \(open.number)")
            }
            if open.number == slot { return }
        }
        try await flush()
        try await clean(upTo: slot * PageLayout.slot)
        let (lane, buffer) = try await lanes.take()
        open = OpenSlot(number: slot, lane: lane, buffer: buffer, runs: [])
    }

    /// Gives the open slot to its lane.
    private func flush() async throws(EngineError) {
        guard let slot = open else { return }
        open = nil
        let whole = ByteRange(
            max(start, slot.number * PageLayout.slot), min((slot.number + 1) * PageLayout.slot, diskSize))
        let data = RangeList.intersection(
            RangeList.cut(slot.runs, to: whole).map { $0.aligned(outward: PageLayout.page, limit: whole.end) },
            try await used.data(in: whole))
        ledger.uses(RangeList.count(data))
        let stale = RangeList.difference(try await present.pages(in: whole), data)
        let pages = joined(RangeList.union(data, stale))
        blank(RangeList.difference([whole], RangeList.intersection(data, slot.runs)), in: slot)
        position = whole.end
        send(pages, slot)
        ledger.begun(upTo: whole.end)
    }

    /// Ranges with short gaps between them become one where that costs little.
    private func joined(_ ranges: [ByteRange]) -> [ByteRange] {
        var joined: [ByteRange] = []
        for range in ranges {
            if let last = joined.last, range.start - last.end <= Self.longestGap, ledger.mayFill(range.start - last.end)
            {
                joined[joined.count - 1] = ByteRange(last.start, range.end)
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    /// Bytes.
    private static let longestGap: UInt64 = 64 << 10

    /// What nobody wrote is zero, whatever the buffer held before.
    private func blank(_ ranges: [ByteRange], in slot: OpenSlot) {
        let base = slot.number * PageLayout.slot
        for range in ranges {
            guard let start = slot.buffer.memory.baseAddress else { return }
            memset(start + Int(range.start - base), 0, Int(range.count))
        }
    }

    private func send(_ pages: [ByteRange], _ slot: OpenSlot) {
        guard !pages.isEmpty else { return lanes.giveBack(slot.lane) }
        ledger.begin(slot.number)
        let (store, line, ledger) = (store, line, ledger)
        let (number, lane, buffer) = (slot.number, slot.lane, slot.buffer)
        lanes.run(lane) { () async throws(EngineError) in
            for range in pages {
                let low = Int(range.start - number * PageLayout.slot)
                let part = low..<(low + Int(range.count))
                let sum = buffer.withBytes(part) { CRC64.of($0) }
                try await line.pass { () async throws(EngineError) in
                    try await store.put(buffer, part, at: range.start, sum: sum, lane: lane)
                }
                ledger.sent(range, sum: sum)
            }
            try ledger.end(number, written: RangeList.count(pages))
        }
    }

    /// Overwrites what is in Azure up to `end`, where the disk holds nothing.
    private func clean(upTo end: UInt64) async throws(EngineError) {
        while position < end {
            let found = try await present.next(in: ByteRange(position, end))
            guard let found else {
                position = end
                break
            }
            let slot = found.start / PageLayout.slot
            let whole = ByteRange(
                max(position, slot * PageLayout.slot), min((slot + 1) * PageLayout.slot, end))
            let (lane, buffer) = try await lanes.take()
            let open = OpenSlot(number: slot, lane: lane, buffer: buffer, runs: [])
            blank([whole], in: open)
            position = whole.end
            send(try await present.pages(in: whole), open)
        }
        ledger.begun(upTo: end)
    }

    func finish(size: UInt64) async throws(EngineError) {
        guard size == self.size, footer.count == Int(AzureLimits.footer) else {
            throw EngineError(
                .bug, "a VHD of \(size) bytes with a footer of \(footer.count) where \(self.size) were announced")
        }
        try await flush()
        try await clean(upTo: diskSize)
        try await lanes.drain()
        let buffer = Buffer(footer)
        let sum = buffer.withBytes { CRC64.of($0) }
        try await store.put(buffer, 0..<footer.count, at: diskSize, sum: sum, lane: 0)
        ledger.sent(ByteRange(diskSize, size), sum: sum)
    }
}
