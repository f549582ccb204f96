package import Engine

/// VMs described in the configuration by raw image files. They are read in place and must not be written meanwhile:
/// a change is noticed and fails the read.
///
/// Keeps in its `state` folder `<repository>/<VM>/<disk>.hashes`, see `HashFile`; restores go to its `restore` folder.
package struct ImageFilesSource: Source {
    package static let name = "image-files"
    package static let summary = "VMs described here by raw image files"

    private let machines: [ImageMachine]
    private let method: ChangeMethod
    private let stateFolder: String?
    private let restoreFolder: String?

    package init(_ settings: Settings, in context: PluginContext) throws(EngineError) {
        var machines: [ImageMachine] = []
        for machine in settings.machines { machines.append(try ImageMachine(machine, in: context)) }
        guard Set(machines.map(\.id)).count == machines.count, Set(machines.map(\.name)).count == machines.count else {
            throw EngineError(.configuration, "two machines share a name or id")
        }
        guard settings.changes != .scan || settings.state != nil else {
            throw EngineError(
                .configuration, "`state` is missing: `changes: scan` needs a folder for what it remembers of a backup")
        }
        self.machines = machines
        method = settings.changes
        stateFolder = settings.state.map { context.resolve($0) }
        restoreFolder = settings.restore.map { context.resolve($0) }
    }

    package func open() async throws(EngineError) {
        for folder in [stateFolder, restoreFolder] {
            if let folder { try Folder.make(folder) }
        }
    }

    package func close() async {}

    package func inventory() async throws(EngineError) -> Inventory {
        let cluster = Cluster(id: Self.name, name: Self.name, version: "1", containers: [], networks: [])
        return Inventory(clusters: [cluster], machines: machines.map(\.virtualMachine))
    }

    package func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture {
        guard let machine = machines.first(where: { $0.id == request.vm.id }) else {
            throw EngineError(.notFound, "no machine `\(request.vm.name)` is configured in this source")
        }
        return try ImageCapture(machine, request, method, memoryFolder: try memoryFolder(machine, request.runName))
    }

    package func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession {
        try check(request.mapping)
        guard request.isInPlace else {
            return try MachineRestore(request, in: try neededRestoreFolder())
        }
        guard let machine = machines.first(where: { $0.id == request.originalID }) else {
            throw EngineError(.notFound, "no machine `\(request.originalName)` is configured in this source to replace")
        }
        return try InPlaceRestore(request, over: machine)
    }

    package func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession {
        try check(request.mapping)
        let folder = try neededRestoreFolder()
        switch request.destination {
        case .volumeGroup(let name): return try DiskRestore(request, named: name, in: folder)
        case .attach(let vm, let address):
            guard let machine = machines.first(where: { $0.name == vm || $0.id == vm }) else {
                throw EngineError(.notFound, "no machine `\(vm)` is configured in this source")
            }
            return try DiskRestore(request, attachedTo: machine, at: address, in: folder)
        }
    }

    package func sweep(_ request: SweepRequest) async throws(EngineError) -> [String] {
        var folders = machines.flatMap { $0.disks.map { Folder.parent(of: $0.path) } }
        if let restoreFolder { folders.append(restoreFolder) }
        if let stateFolder {
            let own = stateFolder + "/" + FileName.escaped(request.repository)
            folders += try Folder.names(in: own).map { own + "/" + $0 }
        }
        var removed: [String] = []
        for folder in Set(folders).sorted() {
            for name in try Folder.names(in: folder) where TemporaryName(name)?.isOrphan(request) == true {
                try Folder.remove(folder + "/" + name)
                removed.append(folder + "/" + name)
            }
        }
        return removed
    }

    /// Where `scan` remembers a VM for the repository that a run writes to; nil for the other methods.
    private func memoryFolder(_ machine: ImageMachine, _ run: String) throws(EngineError) -> String? {
        guard method == .scan, let stateFolder else { return nil }
        let repository = run.lastIndex(of: "-").map { String(run[..<$0]) } ?? run
        let folder = stateFolder + "/" + FileName.escaped(repository)
        try Folder.make(folder)
        try Folder.make(folder + "/" + FileName.escaped(machine.id))
        return folder + "/" + FileName.escaped(machine.id)
    }

    private func neededRestoreFolder() throws(EngineError) -> String {
        guard let restoreFolder else {
            throw EngineError(
                .unsupported, "this image-files source has no `restore` folder to restore to: configure one")
        }
        return restoreFolder
    }

    private func check(_ mapping: RestoreMapping) throws(EngineError) {
        if let cluster = mapping.cluster, cluster != Self.name {
            throw EngineError(
                .configuration, "there is no cluster `\(cluster)` here: image files are one, `\(Self.name)`")
        }
        if let container = mapping.container {
            throw EngineError(.configuration, "there is no container `\(container)`: image files have none")
        }
        if let network = mapping.networks.values.first {
            throw EngineError(.configuration, "there is no network `\(network)`: image files have none")
        }
    }
}
