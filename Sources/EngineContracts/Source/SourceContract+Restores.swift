import Engine

extension SourceContract {
    static let restoreCases: [Case] = [
        scene("a restored VM holds what was written, and zeros elsewhere") { scene in
            let session = try await scene.source.restoreVM(
                restoreRequest(scene, try await configuration(scene), name: "contract-new"))
            let images = try await fill(session, scene, seed: 60)
            let outcome = try await session.commit()
            try require(outcome.name == "contract-new", "the VM is called \(outcome.name)")
            for (disk, image) in zip(scene.machine.disks, images) {
                let found = try await scene.fixture.restored(outcome, at: disk.address)
                try require(found == image, "\(disk.address): \(SourceScene.difference(found, image))")
            }
            try await scene.requireTraces([], "after a committed restore")
        },
        scene("an abandoned restore leaves nothing, and says what it removed") { scene in
            let session = try await scene.source.restoreVM(
                restoreRequest(scene, try await configuration(scene), name: "contract-gone"))
            _ = try await fill(session, scene, seed: 61)
            let removed = await session.abandon()
            try require(!removed.isEmpty, "it does not say what it removed")
            try await scene.requireTraces([], "after an abandoned restore")
        },
        scene("one disk is restored to a volume group") { scene in
            let disk = scene.machine.disks[0]
            let bytes = SampleBytes.random(70_000 / 512 * 512, seed: 62)
            let session = try await scene.source.restoreDisk(
                DiskRestoreRequest(
                    disk: RestoreDisk(id: disk.id, address: disk.address, size: disk.size),
                    destination: .volumeGroup(name: "contract-group"), configuration: try await configuration(scene),
                    runName: SourceScene.run))
            try await session.write(Buffer(bytes), 0..<bytes.count, to: 0, at: 1 << 20)
            let outcome = try await session.commit()
            try require(outcome.name == "contract-group", "the volume group is called \(outcome.name)")
            var image = [UInt8](repeating: 0, count: Int(disk.size))
            image.replaceSubrange((1 << 20)..<((1 << 20) + bytes.count), with: bytes)
            let found = try await scene.fixture.restored(outcome, at: nil)
            try require(found == image, SourceScene.difference(found, image))
            try await scene.requireTraces([], "after a committed restore")
        },
        scene("one disk is attached to a VM at the address asked for") { scene in
            let disk = scene.machine.disks[0]
            let address = DiskAddress(bus: "scsi", index: 7)
            let bytes = SampleBytes.random(4096, seed: 63)
            let session = try await scene.source.restoreDisk(
                DiskRestoreRequest(
                    disk: RestoreDisk(id: disk.id, address: disk.address, size: disk.size),
                    destination: .attach(vm: scene.machine.name, at: address),
                    configuration: try await configuration(scene), runName: SourceScene.run))
            try await session.write(Buffer(bytes), 0..<bytes.count, to: 0, at: 512)
            let outcome = try await session.commit()
            let found = try await scene.fixture.restored(outcome, at: address)
            try require(
                found.count == Int(disk.size) && Array(found[512..<4608]) == bytes,
                "the attached disk is not what was written")
            try await scene.requireTraces([], "after a committed restore")
        },
        scene("a disk for a VM that is not there is refused, and nothing is left") { scene in
            let disk = scene.machine.disks[0]
            let request = DiskRestoreRequest(
                disk: RestoreDisk(id: disk.id, address: disk.address, size: disk.size),
                destination: .attach(vm: "no-such-vm", at: nil), configuration: try await configuration(scene),
                runName: SourceScene.run)
            try await EngineError.expected(.notFound, .configuration, from: "attaching to a VM that is not there") {
                _ = await (try scene.source.restoreDisk(request)).abandon()
            }
            try await scene.requireTraces([], "after a refused restore")
        },
        scene("a container that cannot be mapped is refused, and nothing is left") { scene in
            var request = restoreRequest(scene, try await configuration(scene), name: "contract-lost")
            request.mapping.container = "no-such-container"
            let refused = request
            try await EngineError.expected(.configuration, from: "restoring to an unknown container") {
                _ = await (try scene.source.restoreVM(refused)).abandon()
            }
            try await scene.requireTraces([], "after a refused restore")
        },
    ]

    /// What a capture says of the VM.
    private static func configuration(_ scene: SourceScene) async throws -> JSONValue {
        let capture = try await scene.capture()
        _ = await capture.finish(.abandoned)
        return capture.machine.configuration
    }

    static func restoreRequest(
        _ scene: SourceScene, _ configuration: JSONValue, name: String, run: String = SourceScene.run
    ) -> VMRestoreRequest {
        var request = VMRestoreRequest(
            configuration: configuration, originalID: scene.machine.id, originalName: scene.machine.name,
            disks: scene.machine.disks.map { RestoreDisk(id: $0.id, address: $0.address, size: $0.size) },
            runName: run)
        request.name = name
        return request
    }

    /// Writes islands to all disks at once; returns what each must hold then.
    private static func fill(
        _ session: any RestoreSession, _ scene: SourceScene, seed: UInt64
    ) async throws -> [[UInt8]] {
        var images: [[UInt8]] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, disk) in scene.machine.disks.enumerated() {
                var image = [UInt8](repeating: 0, count: Int(disk.size))
                for (offset, count) in [(0, 1 << 20), (5 << 20, 65_536), (Int(disk.size) - 512, 512)] {
                    let bytes = SampleBytes.random(count + 1024, seed: seed &+ UInt64(index))
                    image.replaceSubrange(offset..<(offset + count), with: bytes[512..<(count + 512)])
                    group.addTask {
                        try await session.write(Buffer(bytes), 512..<(count + 512), to: index, at: UInt64(offset))
                    }
                }
                images.append(image)
            }
            try await group.waitForAll()
        }
        return images
    }
}
