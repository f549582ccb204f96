import Engine

/// The rule that decides over a group of restore points, and whose it is.
struct RuleInForce: Sendable {
    enum Owner: Sendable {
        /// The job as it is configured now.
        case job(String)
        /// A job that is configured no longer: what its newest restore point remembers.
        case formerJob(String)
        case repository(String)
    }

    let keep: KeepRule
    let owner: Owner

    /// `last 7, daily 14 (job nightly)`
    var description: String {
        switch owner {
        case .job(let name): "\(keep) (job \(name))"
        case .formerJob(let name): "\(keep) (job \(name) as it was)"
        case .repository(let name): "\(keep) (repository \(name))"
        }
    }
}

/// Restore points of one VM that one job made, or that were made by hand.
struct RetentionGroup: Sendable {
    /// Which restore points belong together: a job is the same when its name and its source's name are.
    struct Key: Hashable, Sendable {
        /// Nil: by hand.
        let job: String?
        let source: String?

        init(job: String, source: String) {
            self.job = job
            self.source = source
        }

        init(_ point: PointOverview) {
            job = point.job
            source = point.job == nil ? nil : point.source
        }
    }

    let key: Key
    let points: [FoundPoint]
    /// Nil: everything stays.
    let rule: RuleInForce?
    /// Why a rule that is there is not followed.
    let complaint: String?

    /// - Parameters:
    ///   - points: of one VM, oldest first, with this key.
    ///   - repository: of the configuration, where they are.
    init(
        _ key: Key, _ points: [FoundPoint], in configuration: HostConfiguration,
        _ repository: Section<RepositorySettings>.Entry
    ) {
        self.key = key
        self.points = points
        let usual = repository.value.keep.map { RuleInForce(keep: $0, owner: .repository(repository.name)) }
        guard let name = key.job else {
            (rule, complaint) = (usual, nil)
            return
        }
        if let job = configuration.jobs.value(named: name), job.source.text == key.source {
            (rule, complaint) = (job.keep.map { RuleInForce(keep: $0, owner: .job(name)) } ?? usual, nil)
            return
        }
        guard let newest = points.last, let remembered = newest.overview.keep else {
            (rule, complaint) = (usual, nil)
            return
        }
        do {
            let keep = try KeepRule(remembered: remembered, at: "restore point \(newest.id)")
            (rule, complaint) = (RuleInForce(keep: keep, owner: .formerJob(name)), nil)
        } catch {
            (rule, complaint) = (nil, "the rule that job \(name) had is not understood, so nothing goes: \(error)")
        }
    }
}
