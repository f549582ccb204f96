import Glibc
import Logging

/// The simulated estate: all entities, tasks, sessions and faults, behind one actor.
///
/// Every operation of the API is a method of it, in the files of `Resources/`.
actor World {
    typealias Work = @Sendable (isolated World) async throws -> TaskResult

    let lab: LabDescription
    let settings: Settings
    let disks: DiskStore
    let targets: ISCSITargets
    let traffic: PortalTraffic
    let log: Logger
    private let stateFile: StateFile
    private var isUnsaved = false
    private var flush: Task<Void, Never>?

    private var entities: [EntityKind: [String: Entity]] = [:]
    private var nextOrder = 1
    var tasks: [String: TaskRecord] = [:]
    var working: [String: Task<Void, Never>] = [:]
    var sessions = SessionTable()
    var limiter = RateLimiter()
    var faults: FaultPlan
    var events = Events()
    var replays = ReplayCache()
    /// Counts calls per operation.
    var calls: [String: Int] = [:]
    /// Region scans, kept by the ids and the grid: the files of recovery points never change.
    var scans: [String: [Region]] = [:]
    var answeredRegions = 0
    private(set) var signingKey = Identity.token()

    init(
        lab: LabDescription, folder: String, disks: DiskStore, targets: ISCSITargets, traffic: PortalTraffic,
        log: Logger
    ) {
        self.lab = lab
        settings = lab.settings
        self.disks = disks
        self.targets = targets
        self.traffic = traffic
        self.log = log
        stateFile = StateFile(path: folder + "/state.json")
        faults = FaultPlan(lab.faults.filter { $0.event == nil })
    }

    // MARK: Entities

    func all(_ kind: EntityKind) -> [Entity] {
        (entities[kind] ?? [:]).values.sorted { $0.order < $1.order }
    }

    func entity(_ kind: EntityKind, _ id: String?) -> Entity? { id.flatMap { entities[kind]?[$0] } }

    /// - Throws: `APIError` with 404 when there is none.
    func find(_ kind: EntityKind, _ id: String) throws(APIError) -> Entity {
        guard let entity = entities[kind]?[id] else { throw .notFound(kind.label, id) }
        return entity
    }

    func insert(_ kind: EntityKind, _ entity: Entity) {
        var entity = entity
        entity.order = nextOrder
        nextOrder += 1
        entities[kind, default: [:]][entity.id] = entity
        save()
    }

    /// Changes an entity, if it still exists, and its ETag.
    func update(_ kind: EntityKind, _ id: String, _ change: (inout Entity) -> Void) {
        guard var entity = entities[kind]?[id] else { return }
        change(&entity)
        entity.revision += 1
        entities[kind]?[id] = entity
        save()
    }

    /// Changes what is only the simulator's: the ETag stays.
    func note(_ kind: EntityKind, _ id: String, _ change: (inout Entity) -> Void) {
        guard var entity = entities[kind]?[id] else { return }
        change(&entity)
        entities[kind]?[id] = entity
    }

    func remove(_ kind: EntityKind, _ id: String) {
        entities[kind]?[id] = nil
        save()
    }

    // MARK: The state file

    /// Takes up the state of an earlier run, or starts with the estate of the lab file.
    ///
    /// - Throws: when the state cannot be read, or an image of the lab cannot be copied.
    func load() async throws {
        if let state = try await disks.inOrder({ [stateFile] in try stateFile.load() }) {
            for kind in EntityKind.allCases {
                for entity in (state["entities"]?[kind.rawValue]?.elements ?? []).compactMap(Entity.init(json:)) {
                    entities[kind, default: [:]][entity.id] = entity
                }
            }
            for task in (state["tasks"]?.elements ?? []).compactMap(TaskRecord.init(json:)) { tasks[task.id] = task }
            nextOrder = state["nextOrder"]?.int ?? 1
            signingKey = state["signingKey"]?.string ?? signingKey
            followLab()
        } else {
            try await seed()
        }
        save()
        for fault in lab.faults where fault.event != nil { await apply(fault) }
        for group in all(.volumeGroup) where group.body["attachmentType"]?.string == "EXTERNAL" {
            try await export(group.id)
        }
    }

    /// Has the state written: soon, away from the callers, and several changes at once if they come fast.
    func save() {
        isUnsaved = true
        if flush == nil { flush = Task { await self.writeState() } }
    }

    /// The file is whole at any instant; a crash loses what changed in the last moment.
    private func writeState() async {
        while isUnsaved {
            isUnsaved = false
            let bytes = snapshot.bytes
            do {
                try await disks.inOrder { [stateFile] in try stateFile.save(bytes) }
            } catch {
                log.error("the state was not saved", metadata: ["error": "\(error)"])
            }
        }
        flush = nil
    }

    private var snapshot: JSONValue {
        var kinds: [String: JSONValue] = [:]
        for kind in EntityKind.allCases { kinds[kind.rawValue] = .array(all(kind).map(\.json)) }
        return [
            "nextOrder": .int(nextOrder), "signingKey": .string(signingKey), "entities": .object(kinds),
            "tasks": .array(recentTasks.prefix(200).map(\.json)),
        ]
    }

    /// Waits until the state is written.
    func saved() async {
        save()
        await flush?.value
    }

    /// Waits until no task works any more.
    func settle() async {
        while let (id, task) = working.first {
            await task.value
            working[id] = nil
        }
    }
}
