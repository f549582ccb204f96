import Synchronization

/// Something of a restore point that cannot be read at the source of a copy.
package struct CopyDamage: Sendable, Codable, Hashable {
    /// Key of the object; nil when no pack has what is needed.
    package let object: String?
    /// `scsi.0`; nil when it is not about a disk.
    package let disk: String?
    /// Bytes of the disk.
    package let start: UInt64?
    package let end: UInt64?
    package let reason: String
}

/// The damage that the copy of one restore point has met.
final class CopyDamages: Sendable {
    private let state = Mutex<[CopyDamage]>([])

    var all: [CopyDamage] { state.withLock { $0 } }

    /// Takes note of a part of a disk whose blob at `location` cannot be read.
    func add(_ error: EngineError, at location: BlobLocation?, disk: DiskAddress?, _ range: ByteRange?) {
        let damage = CopyDamage(
            object: location.map { ObjectLayout.pack($0.pack, $0.kind).text }, disk: disk?.description,
            start: range?.start, end: range?.end, reason: error.description)
        state.withLock { all in
            if !all.contains(damage) { all.append(damage) }
        }
    }

    /// - Throws: `.corrupt` when there is damage, in the words of the first.
    func check() throws(EngineError) {
        guard let first = all.first else { return }
        let more = all.count > 1 ? "; and \(all.count - 1) more" : ""
        let place = first.start.flatMap { start in first.end.map { "bytes \(start) to \($0): " } } ?? ""
        let error = EngineError(.corrupt, "\(place)\(first.reason)\(more)")
        throw first.disk.map { error.at("disk \($0)") } ?? error
    }
}

extension EngineError {
    /// Whether it is damage of what was read, so that other restore points may still be copied.
    var isDamage: Bool { [.corrupt, .notFound, .unsupported].contains(kind) }
}
