extension Exporter {
    /// Exports a restore point as an OVA: into a file in one pass; as a stream the disks are measured first.
    /// - Throws: as `export`.
    package func export(_ export: OVAExport, of manifest: Manifest) async throws(EngineError) -> ExportedOVA {
        do {
            return try await read(manifest) { blobs in
                let started = Stopwatch.now()
                let destination = try await write(export, of: manifest, blobs)
                return try await finished(export, destination, started)
            }
        } catch {
            throw error.at(manifest.vm.name)
        }
    }

    /// What was written and committed.
    private struct Written {
        let image: WrittenImage
        let remarks: [String]
        let file: (name: String, size: UInt64, digest: Digest?)?
    }

    private func write(
        _ export: OVAExport, of manifest: Manifest, _ blobs: BlobReader
    ) async throws -> Written {
        let configuration = try await blobs.read(
            manifest.configuration, limit: RepositoryFormat.documentLimit, "VM configuration")
        let (machine, remarks) = export.describe(try JSONValue(parsing: configuration.array), export.disks)
        let trees = TreeReader(blobs: blobs)
        let readers = export.disks.map { RestorePointReader(RestorePointDisk($0, trees: trees), blobs: blobs) }
        let ova = try OVAWriter(machine, disks: readers, as: export.format, time: manifest.created)
        let destination = DigestingDestination(export.place.destination, isActive: export.hasDigest)
        let advanced = progress(over: export.disks, of: manifest)
        do {
            let image = try await ova.write(to: destination, progress: advanced)
            try await destination.commit()
            return Written(image: image, remarks: remarks + image.remarks, file: destination.files.first)
        } catch {
            await detached { await destination.abandon() }
            throw error
        }
    }

    /// One line of progress for all disks.
    private func progress(over disks: [Manifest.Disk], of manifest: Manifest) -> ImageProgress {
        let total = disks.reduce(0) { $0 + $1.size }
        let work = DiskWork(vm: manifest.vm.name, address: disks.first?.address ?? DiskAddress(bus: "disk", index: 0))
        progress(.diskStarted(work, total: total, isIncremental: false, fallback: nil))
        return { [progress] done in
            progress(done < total ? .diskAdvanced(work, done: done, new: 0, stored: 0) : .diskFinished(work))
        }
    }

    private func finished(
        _ export: OVAExport, _ written: Written, _ started: Double
    ) async throws -> ExportedOVA {
        let name = written.file?.name ?? ""
        var digest = written.file?.digest
        if export.hasDigest, digest == nil, case .file(let path, _, _) = export.place {
            digest = try ChecksumFile.digest(of: path)
        }
        if let digest { try await export.place.keepChecksum("\(digest)  \(name)\n") }
        return ExportedOVA(
            file: .init(name: name, size: written.image.fileSize, digest: digest), disks: export.disks.count,
            size: written.image.diskSize, remarks: written.remarks, seconds: Stopwatch.now() - started)
    }
}

extension ExportPlace {
    /// For a file that may be written in any order.
    fileprivate var destination: any ImageDestination {
        switch self {
        case .file(let path, let replaces, _): FileDestination(path, replaces: replaces)
        case .stream(let descriptor, let name): StreamDestination(descriptor: descriptor, name: name)
        case .object(let key, let target): ObjectDestination(key, at: target)
        }
    }

    /// Puts the text beside the file.
    fileprivate func keepChecksum(_ text: String) async throws(EngineError) {
        switch self {
        case .file(let path, _, _): try ChecksumFile.write(text, to: path + ChecksumFile.suffix)
        case .stream: break
        case .object(let key, let target): try await ObjectDestination(key, at: target).putChecksums(text)
        }
    }
}
