/// A size of virtual machines.
package struct MachineSize: Sendable, Equatable {
    package let name: String
    package let cpus: Int
    /// Bytes.
    package let memory: UInt64
}

extension MachineSize {
    /// Families that every region has in most cases, that take both generations and disks on SCSI.
    private static let families: [(letter: String, version: String, gibibytesPerCPU: Int, cpus: [Int])] = [
        ("F", "v2", 2, [2, 4, 8, 16, 32, 48, 64, 72]),
        ("D", "v5", 4, [2, 4, 8, 16, 32, 48, 64, 96]),
        ("E", "v5", 8, [2, 4, 8, 16, 20, 32, 48, 64, 96]),
    ]

    /// More than 8 GiB for each CPU is not to be had of the largest one.
    private static let largestMemory = 672

    static let table: [MachineSize] = families.flatMap { family in
        family.cpus.map { cpus in
            MachineSize(
                name: "Standard_\(family.letter)\(cpus)s_\(family.version)", cpus: cpus,
                memory: UInt64(min(cpus * family.gibibytesPerCPU, largestMemory)) << 30)
        }
    }

    /// Those that are large enough, the cheapest first: few CPUs, and little memory among equals.
    /// - Parameter memory: bytes.
    package static func candidates(cpus: Int, memory: UInt64) -> [MachineSize] {
        table.filter { $0.cpus >= cpus && $0.memory >= memory }
            .sorted { ($0.cpus, $0.memory) < ($1.cpus, $1.memory) }
    }
}
