import Engine

extension Inventory {
    /// The VM of that id or name.
    /// - Throws: `.notFound`; `.configuration` when several have the name, with their ids.
    func machine(_ text: String) throws(EngineError) -> VirtualMachine {
        if let machine = machines.first(where: { $0.id == text }) { return machine }
        let named = machines.filter { $0.name == text }
        guard let machine = named.first else {
            throw EngineError(
                .notFound, "there is no VM `\(text)`; `ahvault inventory vms` lists those that this source shows")
        }
        guard named.count == 1 else {
            let list = named.map { "\($0.id) (cluster \($0.clusterName))" }.joined(separator: ", ")
            throw EngineError(.configuration, "several VMs are called `\(text)`; give the id of one: \(list)")
        }
        return machine
    }

    /// The VMs that a job chooses, by name.
    func machines(for selection: VMSelection) -> [VirtualMachine] {
        machines.filter(selection.includes).sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
}
