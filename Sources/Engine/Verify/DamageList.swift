/// Damages while a check collects them: first what is wrong with objects, then what it hits.
struct DamageList {
    private var damages: [CheckReport.Damage] = []
    /// Lost blobs and the damage that lost them.
    private(set) var lost: [Digest: Int] = [:]

    mutating func add(_ key: ObjectKey, _ reason: String, hits: [CheckReport.Hit]) {
        damages.append(CheckReport.Damage(object: key.text, reason: reason, hits: hits))
    }

    /// A pack has a fault; its blobs count as lost when the index leads to this copy of them.
    mutating func add(_ pack: PackSurvey.Pack, _ finding: PackCheck.Finding, index: any DedupIndex) {
        add(ObjectLayout.pack(pack.id, pack.kind), finding.reason, hits: [])
        for blob in finding.lost where index.location(of: blob)?.pack == pack.id { lost[blob] = damages.count - 1 }
    }

    /// A restore point is hit by the loss of a blob.
    mutating func hit(_ blob: Digest, _ index: any DedupIndex, _ reason: String, _ hit: CheckReport.Hit) {
        if let position = lost[blob] {
            damages[position].hits.append(hit)
            return
        }
        let object = index.location(of: blob).map { ObjectLayout.pack($0.pack, $0.kind).text } ?? "packs/"
        damages.append(CheckReport.Damage(object: object, reason: reason, hits: [hit]))
        lost[blob] = damages.count - 1
    }

    /// The damages, neighbouring parts of one disk joined.
    func merged() -> [CheckReport.Damage] {
        damages.map { damage in
            var damage = damage
            damage.hits = damage.hits.reduce(into: []) { hits, hit in
                guard let last = hits.last, last.point == hit.point, last.disk == hit.disk, let end = last.end,
                    end == hit.start
                else { return hits.append(hit) }
                hits[hits.count - 1] = CheckReport.Hit(
                    point: last.point, vm: last.vm, disk: last.disk, start: last.start, end: hit.end)
            }
            return damage
        }
    }
}
