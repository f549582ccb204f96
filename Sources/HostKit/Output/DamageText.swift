import Engine

/// A damaged object in words, with the restore points that it hits.
struct DamageText: Sendable {
    private let damage: CheckReport.Damage

    init(_ damage: CheckReport.Damage) { self.damage = damage }

    var text: String {
        let title = "damaged: \(damage.object): \(damage.reason)".printable(keepsLines: false)
        let shown = damage.hits.prefix(20).map { "\n  " + hit($0).printable(keepsLines: false) }.joined()
        let more = damage.hits.count > 20 ? "\n  and \(damage.hits.count - 20) more places (see --json)" : ""
        let parity = damage.isHealable ? "\n  its parity brings all of it back: `ahvault repository repair` does" : ""
        return title + blobs + parity + shown + more
    }

    private var blobs: String {
        guard damage.blobs > 0 else { return "" }
        let places = damage.ranges.prefix(5).map { "\($0.start) to \($0.end)" }.joined(separator: ", ")
        let rest = damage.ranges.count > 5 ? ", …" : ""
        let copies =
            damage.copies == 0
            ? ""
            : damage.copies == damage.blobs
                ? "; other packs hold the same, nothing is lost" : "; other packs hold \(damage.copies) of them"
        return "\n  \(damage.blobs.of("blob")) of it: bytes \(places)\(rest)\(copies)"
    }

    private func hit(_ hit: CheckReport.Hit) -> String {
        guard let disk = hit.disk else { return "hits restore point \(hit.point) of \(hit.vm), all of it" }
        guard let start = hit.start, let end = hit.end else {
            return "hits restore point \(hit.point) of \(hit.vm), disk \(disk), all of it"
        }
        return "hits restore point \(hit.point) of \(hit.vm), disk \(disk), bytes \(start) to \(end)"
    }
}
