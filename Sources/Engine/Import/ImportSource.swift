/// The source of one run: a VM whose disks are images. Nothing can be restored to it.
package struct ImportSource: Source {
    package static let name = "import"
    package static let summary = "a VM made of disk images, for one run"

    private let machine: ImportedMachine

    package init(_ settings: NoSettings, in context: PluginContext) throws(EngineError) {
        throw EngineError(.configuration, "an import is no source of the configuration: use `ahvault import`")
    }

    package init(_ machine: ImportedMachine) { self.machine = machine }

    package func open() async throws(EngineError) {}
    package func close() async {}

    package func inventory() async throws(EngineError) -> Inventory {
        let cluster = Cluster(id: Self.name, name: Self.name, version: "1", containers: [], networks: [])
        return Inventory(clusters: [cluster], machines: [machine.virtualMachine])
    }

    package func sweep(_ request: SweepRequest) async throws(EngineError) -> [String] { [] }

    package func capture(_ request: CaptureRequest) async throws(EngineError) -> any Capture {
        ImportCapture(machine)
    }

    package func restoreVM(_ request: VMRestoreRequest) async throws(EngineError) -> any RestoreSession {
        throw EngineError(.unsupported, "nothing can be restored to disk images: export disks instead")
    }

    package func restoreDisk(_ request: DiskRestoreRequest) async throws(EngineError) -> any RestoreSession {
        throw EngineError(.unsupported, "nothing can be restored to disk images: export disks instead")
    }
}
