/// What an initramfs image brings along: archives one after the other, the last of which is mostly compressed.
package struct Initramfs: Sendable {
    /// Names of kernel modules.
    package let modules: Set<String>
    /// Why there may be more modules; nil when everything was seen.
    package let obstacle: String?

    private static let step = 1 << 20
    private static let mostSegments = 32
    private static let mostUnpacked: UInt64 = 2 << 30

    /// - Parameter wanted: looking ends when all of them were seen.
    package static func read(
        _ file: GuestFile, looksFor wanted: Set<String>, unpacking: StreamUnpacking
    ) async throws(EngineError) -> Initramfs {
        let listing = CPIOListing()
        do throws(EngineError) {
            let obstacle = try await look(into: file, listing, wanted, unpacking)
            let hidden = listing.hidesFiles && !wanted.isSubset(of: listing.modules)
            return Initramfs(
                modules: listing.modules,
                obstacle: obstacle ?? (hidden ? "it holds an image of its own that is not looked into" : nil))
        } catch {
            guard error.kind != .cancelled else { throw error }
            return Initramfs(modules: listing.modules, obstacle: error.message)
        }
    }

    private static func look(
        into file: GuestFile, _ listing: CPIOListing, _ wanted: Set<String>, _ unpacking: StreamUnpacking
    ) async throws(EngineError) -> String? {
        var position: UInt64 = 0
        for _ in 0..<mostSegments {
            position = try await plain(file, from: position, listing)
            guard position < file.size, !wanted.isSubset(of: listing.modules) else { return nil }
            let head = try await file.bytes(at: position, count: 6)
            guard let compression = StreamCompression(head) else {
                return listing.archives > 0 ? nil : "its form is not known"
            }
            guard let unpacker = unpacking(compression) else {
                return "it is compressed by \(compression.rawValue), which cannot be looked into here"
            }
            position = try await packed(file, from: position, listing, wanted, unpacker)
        }
        return "it has more parts than make sense"
    }

    /// Passes over archives that are not compressed.
    private static func plain(
        _ file: GuestFile, from start: UInt64, _ listing: CPIOListing
    ) async throws(EngineError) -> UInt64 {
        var position = start
        while position < file.size {
            let bytes = try await file.bytes(at: position, count: step)
            guard !bytes.isEmpty else { break }
            let taken = try listing.take(bytes.span.bytes)
            position += UInt64(taken)
            if taken < bytes.count { break }
        }
        return position
    }

    private static func packed(
        _ file: GuestFile, from start: UInt64, _ listing: CPIOListing, _ wanted: Set<String>,
        _ unpacker: any StreamUnpacker
    ) async throws(EngineError) -> UInt64 {
        var position = start
        var unpacked: UInt64 = 0
        var isForeign = false
        while position < file.size, !unpacker.isFinished, !wanted.isSubset(of: listing.modules), !isForeign {
            let bytes = try await file.bytes(at: position, count: step)
            guard !bytes.isEmpty else { break }
            let taken = try unpacker.unpack(bytes.span.bytes) { piece throws(EngineError) in
                unpacked += UInt64(piece.byteCount)
                guard unpacked <= mostUnpacked else {
                    throw EngineError(.unsupported, "it becomes larger than \(ByteCount(mostUnpacked))")
                }
                if !isForeign { isForeign = try listing.take(piece) < piece.byteCount }
            }
            position += UInt64(taken)
            if taken == 0 { break }
        }
        return isForeign || !unpacker.isFinished ? file.size : position
    }
}
