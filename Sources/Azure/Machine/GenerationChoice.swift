import Engine

/// Which generation a boot disk is for. It is told by two witnesses, and nobody guesses where they differ.
enum GenerationChoice {
    /// - Throws: `.configuration` when the VM's boot type and the disk contradict each other, or neither says enough.
    static func choose(
        _ wanted: AzureExportRequest.Generation?, boot: AzureExportRequest.Boot?, partitions: PartitionTable?
    ) throws(EngineError) -> AzureExportRequest.Generation {
        if let wanted { return wanted }
        guard let partitions else {
            switch boot {
            case .uefi: return .second
            case .legacy: return .first
            case nil: throw unclear("neither the VM's boot type nor the disk's partitions are known")
            }
        }
        switch (boot, partitions.kind, partitions.hasEFISystem) {
        case (_, .none, _): throw unclear("the boot disk has no partition table that can be read")
        case (.uefi, _, true): return .second
        case (.uefi, _, false): throw unclear("the VM starts by UEFI, but its boot disk has no EFI system partition")
        case (.legacy, .gpt, true):
            throw unclear("the VM starts by BIOS, but its boot disk is GPT with an EFI system partition: both may work")
        case (.legacy, _, _): return .first
        case (nil, .gpt, true): return .second
        case (nil, .mbr, false): return .first
        case (nil, _, _): throw unclear("the boot disk's partitions fit both")
        }
    }

    private static func unclear(_ what: String) -> EngineError {
        EngineError(
            .configuration,
            "\(what): say which generation the VM is to have, --generation 1 (BIOS) or --generation 2 (UEFI)")
    }
}
