/// How the simulated Prism behaves where real ones differ, or where a test needs it otherwise.
package struct Settings: Sendable {
    package enum Version: String, CaseIterable, Sendable {
        case v40 = "v4.0"
        case v41 = "v4.1"
        case v42 = "v4.2"

        package var minor: Int { self == .v40 ? 0 : self == .v41 ? 1 : 2 }
    }

    enum StaleTag: String, CaseIterable, Sendable {
        /// 412 at once.
        case refuse
        /// 202, and the task fails.
        case failTask = "fail-task"
    }

    enum Tracking: String, CaseIterable, Sendable {
        /// Changed regions come from comparing the files.
        case compare
        /// They come from what the guest-write calls noted.
        case journal
    }

    enum LastOffset: String, CaseIterable, Sendable { case zero, absent, size }
    enum Mixed: String, CaseIterable, Sendable { case never, sometimes, always }

    /// Newest version of every namespace that is not named in `versions`.
    package var version: Version = .v42
    var versions: [String: Version] = [:]

    // Tasks: how many polls see QUEUED, then RUNNING, and how long they take at least.
    package var queuedPolls = 1
    package var runningPolls = 1
    package var taskSeconds = 0.0
    var lateEntityPolls = 0

    // Lists and entities.
    var emptyListHasData = false
    var nullDiskRecoveryPoints = true
    /// False: If-Match is wanted only where every known server wants it (VMs), and checked elsewhere if given.
    var strictEntityTags = true
    var staleTag: StaleTag = .refuse

    // Sessions and limits; 0 means no limit.
    package var sessionSeconds = 900.0
    package var requestsPerSecond = 0
    package var operationsPerSecond: [String: Int] = [:]

    // Changed regions.
    var tracking: Tracking = .compare
    package var regionsPerAnswer = 10_000
    var lastOffset: LastOffset = .zero
    var numbersAsTexts: Mixed = .sometimes
    var tokenSeconds = 900.0
    var contentVersion: Version = .v40

    // iSCSI.
    package var redirectsLogins = true
    var targetSuffix = "-tgt"

    /// Volume group disks of recovery points share the frozen file and cannot be written, instead of being a copy: for
    /// large labs on file systems without reflinks.
    var readOnlyClones = false

    // Hydration of VM disks cloned from VG disks: how many GETs see it in progress.
    var hydrationReads = 0
    /// A second NIC with one MAC address on one subnet is refused.
    var refusesDuplicateMACs = true

    static func read(_ settings: inout LabReader) throws(LabError) -> Settings {
        var output = Settings()
        output.version = try settings.choice("version", or: output.version)
        for (namespace, version) in settings.value("versions")?.members ?? [:] {
            guard let version = version.string.flatMap(Version.init(rawValue:)) else {
                throw settings.error("versions.\(namespace)", "must be v4.0, v4.1 or v4.2")
            }
            output.versions[namespace] = version
        }
        try settings.object("tasks") { (tasks) throws(LabError) in
            output.queuedPolls = try tasks.int("queuedPolls", or: output.queuedPolls)
            output.runningPolls = try tasks.int("runningPolls", or: output.runningPolls)
            output.taskSeconds = try tasks.double("seconds", or: output.taskSeconds)
            output.lateEntityPolls = try tasks.int("lateEntityPolls", or: output.lateEntityPolls)
        }
        output.emptyListHasData = try settings.bool("emptyListHasData", or: output.emptyListHasData)
        output.nullDiskRecoveryPoints = try settings.bool("nullDiskRecoveryPoints", or: output.nullDiskRecoveryPoints)
        output.strictEntityTags = try settings.bool("strictEntityTags", or: output.strictEntityTags)
        output.staleTag = try settings.choice("staleEntityTag", or: output.staleTag)
        output.sessionSeconds = try settings.double("sessionSeconds", or: output.sessionSeconds)
        try settings.object("rateLimits") { (limits) throws(LabError) in
            output.requestsPerSecond = try limits.int("user", or: output.requestsPerSecond)
            for (operation, limit) in limits.value("operations")?.members ?? [:] {
                guard let limit = limit.int else {
                    throw limits.error("operations.\(operation)", "a number is expected")
                }
                output.operationsPerSecond[operation] = limit
            }
        }
        try settings.object("changedRegions") { (regions) throws(LabError) in
            output.tracking = try regions.choice("tracking", or: output.tracking)
            output.regionsPerAnswer = max(1, try regions.int("perAnswer", or: output.regionsPerAnswer))
            output.lastOffset = try regions.choice("lastOffset", or: output.lastOffset)
            output.numbersAsTexts = try regions.choice("numbersAsTexts", or: output.numbersAsTexts)
            output.tokenSeconds = try regions.double("tokenSeconds", or: output.tokenSeconds)
            output.contentVersion = try regions.choice("contentVersion", or: output.contentVersion)
        }
        try settings.object("iscsi") { (iscsi) throws(LabError) in
            output.redirectsLogins = try iscsi.bool("redirect", or: output.redirectsLogins)
            output.targetSuffix = try iscsi.bool("bareNames", or: false) ? "" : "-tgt"
        }
        output.refusesDuplicateMACs = try settings.bool("refuseDuplicateMACs", or: output.refusesDuplicateMACs)
        output.readOnlyClones = try settings.bool("readOnlyClones", or: output.readOnlyClones)
        output.hydrationReads = try settings.int("hydrationReads", or: output.hydrationReads)
        return output
    }
}
