import Engine

/// What a backup did to each disk, with the reason of each full backup below.
enum DiskTable {
    static func text(_ disks: [Manifest.Disk]) -> String {
        var table = Table([
            .left("DISK"), .left("KIND"), .right("SIZE"), .right("READ"), .right("CHANGED"), .right("NEW"),
            .right("STORED"), .right("TIME"), .right("RATE"),
        ])
        for disk in disks {
            let statistics = disk.statistics
            table.add([
                disk.address.description, disk.isIncremental ? "incremental" : "full", "\(ByteCount(statistics.size))",
                "\(ByteCount(statistics.read))", "\(ByteCount(statistics.changed))", "\(ByteCount(statistics.new))",
                "\(ByteCount(statistics.stored))", Duration.seconds(statistics.seconds).words,
                ByteCount.rate(statistics.read, in: statistics.seconds),
            ])
        }
        let reasons = disks.compactMap { disk in
            disk.fallback.map { "\(disk.address) was read in full: \($0)".printable(keepsLines: false) }
        }
        return ([table.text] + reasons).joined(separator: "\n")
    }
}
