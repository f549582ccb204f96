/// What Azure takes: disks of whole mebibytes within limits.
struct SizeRules {
    let generation: HyperVGeneration

    private static let mebibyte: UInt64 = 1 << 20
    private static let smallest: UInt64 = 20 << 20
    private static let largestBIOS: UInt64 = 2 << 40
    private static let largestSystem: UInt64 = 4 << 40
    private static let largestData: UInt64 = 32 << 40

    func findings(_ disks: [InspectedDisk]) -> [PreflightFinding] {
        disks.enumerated().flatMap { number, disk in padding(disk) + limits(disk, isSystem: number == 0) }
    }

    private func padding(_ disk: InspectedDisk) -> [PreflightFinding] {
        if disk.size < Self.smallest {
            return [
                PreflightFinding(
                    .info, .size, "\(disk.name) has \(ByteCount(disk.size)) and becomes 20 MiB, the least Azure takes")
            ]
        }
        guard !disk.size.isMultiple(of: Self.mebibyte) else { return [] }
        return [PreflightFinding(.info, .size, "\(disk.name) is padded with zeros to whole mebibytes")]
    }

    private func limits(_ disk: InspectedDisk, isSystem: Bool) -> [PreflightFinding] {
        guard isSystem else {
            return disk.size <= Self.largestData
                ? [] : [tooLarge(disk, "a disk of Azure has at most 32 TiB", "spread the data over several disks")]
        }
        if disk.size > Self.largestSystem {
            return [tooLarge(disk, "the disk a VM starts from has at most 4 TiB in Azure", "move data to another disk")]
        }
        guard generation == .one, disk.size > Self.largestBIOS else { return [] }
        return [
            tooLarge(
                disk, "BIOS reaches the first 2 TiB alone", "move data to another disk, or use generation 2")
        ]
    }

    private func tooLarge(_ disk: InspectedDisk, _ limit: String, _ remedy: String) -> PreflightFinding {
        PreflightFinding(.problem, .size, "\(disk.name) has \(ByteCount(disk.size)): \(limit)", remedy: remedy)
    }
}
