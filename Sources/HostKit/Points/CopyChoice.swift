import Engine

/// The restore points of one repository that a command named: by their ids, their VMs, their jobs, or all.
struct CopyChoice: Sendable {
    /// Nothing for all.
    let points: [PointReference]
    /// Names or ids; nothing for all.
    let vms: [String]
    let jobs: [String]

    /// - Returns: those that are meant, oldest first. What cannot be read is among them when everything is meant, or
    ///   when its whole id is named.
    /// - Throws: `.notFound` for what the repository does not have, `.configuration` for what may mean several.
    func chosen(of survey: RestorePoints.Survey) throws(EngineError) -> [StoredPoint] {
        let fitting = try fitting(survey.points)
        guard !points.isEmpty else {
            let lost = vms.isEmpty && jobs.isEmpty ? survey.unreadable.map(\.point) : []
            return (fitting.map(\.stored) + lost).sorted { $0.id < $1.id }
        }
        var chosen: [RestorePointID: StoredPoint] = [:]
        for reference in points {
            if let lost = survey.unreadable.first(where: { $0.point.id.text == reference.text }) {
                chosen[lost.point.id] = lost.point
            } else {
                let found = try reference.resolve(among: fitting, vm: vms.count == 1 ? vms.first : nil)
                chosen[found.id] = found.stored
            }
        }
        return chosen.values.sorted { $0.id < $1.id }
    }

    /// Those of the VMs and jobs.
    private func fitting(_ points: [FoundPoint]) throws(EngineError) -> [FoundPoint] {
        for vm in vms where !points.contains(where: { Self.isOf(vm, $0) }) {
            throw EngineError(
                .notFound,
                "there is no restore point of VM `\(vm)`; `ahvault points list` lists all")
        }
        for job in jobs where !points.contains(where: { $0.overview.job == job }) {
            throw EngineError(
                .notFound,
                "there is no restore point made by job `\(job)`; `ahvault points list --json` names the jobs")
        }
        return points.filter { point in
            (vms.isEmpty || vms.contains { Self.isOf($0, point) })
                && (jobs.isEmpty || point.overview.job.map(jobs.contains) ?? false)
        }
    }

    private static func isOf(_ vm: String, _ point: FoundPoint) -> Bool { point.vm.id == vm || point.vm.name == vm }
}
