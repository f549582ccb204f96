import Glibc

/// A fixed piece of page-aligned memory, filled from the front and handed from stage to stage.
///
/// One task uses it at a time: whoever holds it after a hand-over. It is a class because asynchronous reads need an
/// address that stays put while a task is suspended (docs/decisions/0002-spans-at-the-boundary.md).
public final class Buffer: @unchecked Sendable {
    // Sendable because ownership is handed over with the reference; nothing else ever writes to the memory.

    public let capacity: Int
    /// How many bytes are filled.
    public private(set) var count = 0
    private let base: UnsafeMutableRawPointer

    /// - Precondition: `capacity` is at least 1. Memory is not cleared.
    public init(capacity: Int) {
        precondition(capacity > 0, "a buffer holds at least one byte")
        guard let pointer = Self.allocate(capacity) else {
            preconditionFailure("out of memory: no \(capacity) bytes left")
        }
        self.capacity = capacity
        base = pointer
    }

    /// A buffer that holds a copy of `bytes`.
    public convenience init(_ bytes: [UInt8]) {
        self.init(capacity: max(bytes.count, 1))
        append(bytes.span.bytes)
    }

    deinit {
        if Self.isMapped(capacity) { munmap(base, capacity) } else { free(base) }
    }

    /// Large buffers are mapped, so that their memory goes back to the system at once and not to a heap.
    private static func isMapped(_ capacity: Int) -> Bool { capacity >= 256 << 10 }

    private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer? {
        if isMapped(capacity) {
            let pointer = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            return pointer == MAP_FAILED ? nil : pointer
        }
        var pointer: UnsafeMutableRawPointer?
        return posix_memalign(&pointer, 4096, capacity) == 0 ? pointer : nil
    }

    /// How many bytes still fit.
    public var room: Int { capacity - count }

    public func removeAll() { count = 0 }

    /// Drops what is filled beyond `count` bytes.
    public func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }

    /// - Precondition: there is room.
    public func append(_ bytes: RawSpan) {
        precondition(bytes.byteCount <= capacity - count, "a buffer was overfilled")
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { memcpy(base + count, start, source.count) }
        }
        count += bytes.byteCount
    }

    /// Lets `body` fill up to `most` bytes behind the filled ones; it returns how many it wrote.
    /// - Precondition: there is room for `most`.
    public func append<E: Error>(
        upTo most: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        precondition(most >= 0 && most <= capacity - count, "a buffer was overfilled")
        let written = try body(UnsafeMutableRawBufferPointer(start: base + count, count: most))
        precondition(written >= 0 && written <= most, "more was written than there was room for")
        count += written
    }

    /// Replaces filled bytes from `offset` on.
    public func overwrite(at offset: Int, with bytes: RawSpan) {
        precondition(offset >= 0 && offset + bytes.byteCount <= count, "outside the filled bytes")
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { memcpy(base + offset, start, source.count) }
        }
    }

    /// Fills a part that `markFilled(_:)` has counted already. Several tasks may do so at once, each with a part of its
    /// own, while nobody reads.
    package func fill(_ bytes: RawSpan, at offset: Int) {
        precondition(offset >= 0 && bytes.byteCount <= capacity - offset, "outside the buffer")
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { memcpy(base + offset, start, source.count) }
        }
    }

    public func appendZeros(_ number: Int) {
        append(upTo: number) { space in
            if let start = space.baseAddress { memset(start, 0, space.count) }
            return number
        }
    }

    /// The filled bytes.
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    /// The filled bytes of `range`.
    public func withBytes<R, E: Error>(_ range: Range<Int>, _ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "outside the filled bytes")
        return try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count).bytes)
    }

    /// The memory itself, for a reader or writer that works while its caller is suspended.
    ///
    /// It is valid as long as the buffer is held. The caller marks what it filled by `markFilled(_:)`.
    public var memory: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: capacity) }

    /// Says that the first `count` bytes are filled, after writing to `memory`.
    public func markFilled(_ count: Int) {
        precondition(count >= 0 && count <= capacity)
        self.count = count
    }

    /// A copy of the filled bytes.
    public var array: [UInt8] { withBytes { span in span.withUnsafeBytes { Array($0) } } }
}
