/// What a backup run did, VM by VM.
package struct BackupReport: Sendable {
    package struct Machine: Sendable {
        package let vm: VirtualMachine
        /// The committed restore point, or why there is none.
        package let result: Result<Manifest, EngineError>
    }

    package let machines: [Machine]
    /// Objects written, whole.
    package let totals: StorageTotals
    package let times: StageTimes
    /// Wall time in seconds.
    package let seconds: Double

    package var failures: [(VirtualMachine, EngineError)] {
        machines.compactMap { machine in
            guard case .failure(let error) = machine.result else { return nil }
            return (machine.vm, error)
        }
    }

    package var manifests: [Manifest] { machines.compactMap { try? $0.result.get() } }
}
