import Engine

/// A case's stage: the fixture's source, opened, its VM, and what every case does with captures.
struct SourceScene: Sendable {
    /// Tag of the repository that the case plays for, and the name of its run.
    static let repository = "c0de7a57"
    static let run = repository + "-11fe0001"

    let fixture: any SourceFixture
    let source: any Source
    let machine: VirtualMachine

    /// Opens the fixture's source, runs `body`, and ends both whatever happens.
    static func play(
        _ fixture: any SourceFixture, _ body: @Sendable (SourceScene) async throws -> Void
    ) async throws {
        do {
            let scene = try await SourceScene(fixture)
            do {
                try await body(scene)
            } catch {
                await scene.source.close()
                throw error
            }
            await scene.source.close()
        } catch {
            await fixture.tearDown()
            throw error
        }
        await fixture.tearDown()
    }

    private init(_ fixture: any SourceFixture) async throws {
        self.fixture = fixture
        source = try await fixture.makeSource()
        try await source.open()
        machine = try await Self.machine(of: fixture, in: source)
    }

    /// The VM as the inventory shows it now.
    static func machine(of fixture: any SourceFixture, in source: any Source) async throws -> VirtualMachine {
        let machines = try await source.inventory().machines.filter { $0.name == fixture.machineName }
        try require(machines.count == 1, "the inventory shows \(machines.count) VMs named \(fixture.machineName)")
        try require(machines[0].disks.count >= 2, "the fixture's VM needs two disks")
        return machines[0]
    }

    /// Addresses of the VM's disks, ascending.
    var addresses: [DiskAddress] { machine.disks.map(\.address).sorted() }

    /// Islands of data at the start, in the middle, over a 64 KiB border and in the last sector, on every disk.
    func writeIslands(seed: UInt64) async throws {
        for (index, disk) in machine.disks.enumerated() {
            let seed = seed &+ UInt64(index) &* 100
            try await fixture.write(SampleBytes.random(8192, seed: seed), to: disk.address, at: 0)
            try await fixture.write(
                SampleBytes.random(200_704, seed: seed &+ 1), to: disk.address, at: (3 << 20) + 4096)
            try await fixture.write(SampleBytes.random(512, seed: seed &+ 2), to: disk.address, at: disk.size - 512)
        }
    }

    func capture(
        since previous: JSONValue? = nil, consistency: Consistency = .crash, run: String = SourceScene.run
    ) async throws -> any Capture {
        let machine = try await Self.machine(of: fixture, in: source)
        return try await source.capture(
            CaptureRequest(vm: machine, consistency: consistency, runName: run, previous: previous))
    }

    /// Reads every disk of a new capture over `base` (nothing for a full one), checks it against the guest's truth,
    /// and finishes. Returns what a backup would keep.
    @discardableResult
    func backUp(since base: Backup? = nil, _ outcome: CaptureOutcome = .committed) async throws -> Backup {
        let capture = try await capture(since: base?.reference)
        var backup = Backup(reference: capture.machine.reference, images: [:], maps: [:])
        do {
            for disk in capture.machine.disks {
                let map = try await regions(of: disk, in: capture, since: base)
                let image = try await image(of: disk, in: capture, map, over: base?.images[disk.address] ?? [])
                let truth = try await fixture.content(of: disk.address)
                try require(image == truth, "\(disk.address): \(Self.difference(image, truth))")
                backup.images[disk.address] = image
                backup.maps[disk.address] = map
            }
        } catch {
            _ = await capture.finish(.abandoned)
            throw error
        }
        _ = await capture.finish(outcome)
        return backup
    }

    /// A disk's map, checked for form.
    func regions(
        of disk: CapturedDisk, in capture: any Capture, since base: Backup?
    ) async throws -> RegionMap {
        let reference = base.map {
            DiskReference(capture: $0.reference, size: UInt64($0.images[disk.address]?.count ?? 0))
        }
        let map = try await capture.regions(of: disk, since: reference)
        try Self.check(map, of: disk, since: reference)
        return map
    }

    static func check(_ map: RegionMap, of disk: CapturedDisk, since reference: DiskReference?) throws {
        var end: UInt64 = 0
        for region in map.regions {
            try require(!region.range.isEmpty, "\(disk.address): an empty region at \(region.range.start)")
            try require(region.range.start >= end, "\(disk.address): regions overlap at \(region.range.start)")
            end = region.range.end
        }
        try require(end <= disk.size, "\(disk.address): a region ends at \(end), behind the disk's end \(disk.size)")
        try require(disk.size % 512 == 0, "\(disk.address): \(disk.size) is no multiple of 512")
        guard reference != nil else {
            try require(map.coverage == .used, "\(disk.address): changes, although there is no reference")
            return try require(map.fallback == nil, "\(disk.address): a fallback, although there is no reference")
        }
        let hasReason = map.fallback.map { !$0.isEmpty } ?? false
        try require(
            (map.coverage == .used) == hasReason, "\(disk.address): the used map and a reason belong together")
    }

    /// The disk as `map` and reads make it: what a restore would write.
    func image(
        of disk: CapturedDisk, in capture: any Capture, _ map: RegionMap, over base: [UInt8]
    ) async throws -> [UInt8] {
        var image = map.coverage == .changes ? base : []
        image.append(contentsOf: repeatElement(0, count: max(0, Int(disk.size) - image.count)))
        for region in map.regions {
            let place = Int(region.range.start)..<Int(region.range.end)
            let bytes = try await read(region.range, of: disk, in: capture)
            if region.isZero {
                try require(bytes.allSatisfy { $0 == 0 }, "\(disk.address): zero at \(place) reads as something else")
            }
            image.replaceSubrange(place, with: bytes)
        }
        return image
    }

    func read(_ range: ByteRange, of disk: CapturedDisk, in capture: any Capture) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var start = range.start
        while start < range.end {
            let piece = ByteRange(start, min(range.end, start + (1 << 20)))
            let buffer = Buffer(capacity: Int(piece.count))
            try await capture.read(piece, of: disk, into: buffer)
            try require(buffer.count == Int(piece.count), "\(disk.address): \(buffer.count) bytes for \(piece)")
            bytes.append(contentsOf: buffer.array)
            start = piece.end
        }
        return bytes
    }

    static func difference(_ found: [UInt8], _ truth: [UInt8]) -> String {
        guard found.count == truth.count else { return "\(found.count) bytes instead of \(truth.count)" }
        let place = zip(found, truth).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        return "the first wrong byte is at \(place)"
    }

    func requireTraces(_ wanted: [String], _ when: String) async throws {
        let found = try await fixture.traces()
        try require(found == wanted, "\(when) the cluster holds \(found), not \(wanted)")
    }
}

/// What a backup keeps of a capture.
struct Backup: Sendable {
    let reference: JSONValue
    var images: [DiskAddress: [UInt8]]
    var maps: [DiskAddress: RegionMap]

    /// Bytes that the maps name, over all disks.
    var named: UInt64 { maps.values.flatMap(\.regions).reduce(0) { $0 + $1.range.count } }
    var size: UInt64 { images.values.reduce(0) { $0 + UInt64($1.count) } }
}
