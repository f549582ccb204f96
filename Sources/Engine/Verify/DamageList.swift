/// Damages while a check collects them: first what is wrong with objects, then what it hits.
struct DamageList: Sendable {
    private var damages: [CheckReport.Damage] = []
    private var numbers: [ObjectKey: Int] = [:]

    mutating func add(_ key: ObjectKey, _ reason: String, hits: [CheckReport.Hit] = []) {
        damages[number(of: key, reason)].hits += hits
    }

    /// A pack is not as it was written.
    mutating func add(_ finding: PackSurvey.Finding) {
        let bad = finding.result.bad
        let reason = finding.result.frameFault ?? bad.first?.fault ?? "it is damaged"
        let more = finding.result.frameFault == nil && bad.count > 1 ? ", and \(bad.count - 1) more like it" : ""
        let number = number(of: finding.key, reason + more)
        damages[number].blobs = bad.count
        damages[number].ranges = Self.joined(bad.map { $0.entry.location(in: finding.pack.id, finding.pack.kind) })
    }

    /// The object's parity brings all of it back.
    mutating func setHealable(_ key: ObjectKey) {
        if let number = numbers[key] { damages[number].isHealable = true }
    }

    /// How many of an object's bad blobs have a good copy elsewhere, and whether a repair has marked all of it.
    mutating func settle(_ key: ObjectKey, copies: Int, isMarked: Bool) {
        guard let number = numbers[key] else { return }
        damages[number].copies = copies
        damages[number].isMarked = isMarked
    }

    /// A restore point is hit by the loss of a blob of `key`; nil when none is.
    mutating func hit(_ key: ObjectKey, _ reason: String, _ hit: CheckReport.Hit?) {
        let number = number(of: key, reason)
        if let hit { damages[number].hits.append(hit) }
    }

    func contains(_ key: ObjectKey) -> Bool { numbers[key] != nil }

    private mutating func number(of key: ObjectKey, _ reason: String) -> Int {
        if let number = numbers[key] { return number }
        numbers[key] = damages.count
        damages.append(CheckReport.Damage(object: key.text, reason: reason))
        return damages.count - 1
    }

    private static func joined(_ locations: [BlobLocation]) -> [CheckReport.ObjectRange] {
        locations.map(\.fetchRange).reduce(into: []) { ranges, range in
            if let last = ranges.last, last.end == range.lowerBound {
                ranges[ranges.count - 1] = CheckReport.ObjectRange(start: last.start, end: range.upperBound)
            } else {
                ranges.append(CheckReport.ObjectRange(start: range.lowerBound, end: range.upperBound))
            }
        }
    }

    /// The damages, neighbouring parts of one disk joined.
    var merged: [CheckReport.Damage] {
        damages.map { damage in
            var damage = damage
            damage.hits = Self.joined(damage.hits)
            return damage
        }
    }

    private static func joined(_ hits: [CheckReport.Hit]) -> [CheckReport.Hit] {
        let sorted = hits.sorted {
            ($0.point, $0.vm, $0.disk ?? "", $0.start ?? 0) < ($1.point, $1.vm, $1.disk ?? "", $1.start ?? 0)
        }
        return sorted.reduce(into: []) { hits, hit in
            guard let last = hits.last, last.point == hit.point, last.vm == hit.vm, last.disk == hit.disk,
                let start = hit.start, let end = hit.end, let reached = last.end, start <= reached
            else { return hits.append(hit) }
            hits[hits.count - 1] = CheckReport.Hit(
                point: last.point, vm: last.vm, disk: last.disk, start: last.start, end: max(reached, end))
        }
    }
}
