/// The export of one disk.
struct ExportRun: Sendable {
    let export: DiskExport
    let disk: any BlockReader
    let manifest: Manifest
    let advanced: ImageProgress

    /// Bytes of a file between two marks to go on from.
    private static let step: UInt64 = 256 << 20

    func run() async throws(EngineError) -> ExportedDisk {
        let variant = export.format.variant
        switch export.place {
        case .file(let path, let replaces, let resumes):
            guard variant.canStream else {
                return try await write(to: FileDestination(path, replaces: replaces), at: path)
            }
            return try await writeInOrder(path, replaces: replaces, resumes: resumes && variant.canResume)
        case .stream(let descriptor, let name):
            return try await write(to: StreamDestination(descriptor: descriptor, name: name), at: nil)
        case .object(let key, let target):
            let destination = ObjectDestination(key, at: target)
            let exported = try await write(to: destination, at: nil)
            if let text = exported.checksums(of: manifest) { try await destination.putChecksums(text) }
            return exported
        }
    }

    /// Whether the disk's digest is another than the file's.
    private var digestsContent: Bool { export.hasDigests && !export.format.variant.isDiskAlone }

    // MARK: Front to back into a file

    private func writeInOrder(
        _ path: String, replaces: Bool, resumes: Bool
    ) async throws(EngineError) -> ExportedDisk {
        let started = Stopwatch.now()
        let step = export.format.variant.canResume ? Self.step : .max
        let file = ExportFile(
            path, subject: subject, replaces: replaces, isDigested: export.hasDigests, isDurable: true, step: step)
        let done = try file.prepare(resumes: resumes)
        do {
            let source = ExportSource(disk, done: done, isDigested: digestsContent)
            let image = try await export.format.write(source.reader, to: file) { [advanced] place in
                file.advance(place)
                advanced(place)
            }
            let content = try await content(source, in: file)
            try await file.commit()
            let exported = self.exported(
                image, [.init(name: file.name, size: image.fileSize, digest: file.digest)], content, done, started)
            try keepChecksums(exported, beside: path)
            return exported
        } catch {
            await detached { await file.abandon() }
            throw file.canResume ? error.resumable : error
        }
    }

    /// What was done by the export before is read back from the file, whose digest has been compared.
    private func content(_ source: ExportSource, in file: ExportFile) async throws(EngineError) -> Digest? {
        guard digestsContent else { return file.digest }
        if let digest = try await source.digest() { return digest }
        let image = try await export.format.open(try FileStorage(file.partial))
        let content = ContentDigest(of: image, size: disk.size)
        try await DiskPieces(content).forEachPiece { _ throws(EngineError) in }
        return try await content.value()
    }

    private func keepChecksums(_ exported: ExportedDisk, beside path: String) throws(EngineError) {
        guard let text = exported.checksums(of: manifest) else { return }
        try ChecksumFile.write(text, to: path + ChecksumFile.suffix)
    }

    // MARK: Any other destination

    private func write(
        to destination: any ImageDestination, at path: String?
    ) async throws(EngineError) -> ExportedDisk {
        let started = Stopwatch.now()
        let digesting = DigestingDestination(destination, isActive: export.hasDigests)
        do {
            let source = ExportSource(disk, done: 0, isDigested: digestsContent)
            let image = try await export.format.write(
                source.reader, to: digesting, progress: advanced)
            let digest = try await source.digest()
            try await destination.commit()
            let files = try files(of: digesting, at: path)
            let content = digestsContent ? digest : files.first?.digest
            let exported = self.exported(image, files, content, 0, started)
            if let path { try keepChecksums(exported, beside: path) }
            return exported
        } catch {
            await detached { await destination.abandon() }
            throw EngineError(error)
        }
    }

    /// - Parameter path: of the first file, when they are files of this machine.
    private func files(
        of destination: DigestingDestination, at path: String?
    ) throws(EngineError) -> [ExportedDisk.File] {
        var files: [ExportedDisk.File] = []
        for file in destination.files {
            var digest = file.digest
            if digest == nil, export.hasDigests, let path {
                digest = try ChecksumFile.digest(of: ChecksumFile.sibling(file.name, of: path))
            }
            files.append(ExportedDisk.File(name: file.name, size: file.size, digest: digest))
        }
        return files
    }

    private func exported(
        _ image: WrittenImage, _ files: [ExportedDisk.File], _ content: Digest?, _ resumed: UInt64, _ started: Double
    ) -> ExportedDisk {
        ExportedDisk(
            address: export.disk.address, size: disk.size, format: type(of: export.format).name,
            variant: export.format.variant.name,
            image: image, files: files, content: content, resumed: resumed, seconds: Stopwatch.now() - started)
    }

    /// What every byte of the image depends on.
    private var subject: String {
        "\(manifest.id) \(export.disk.address) \(export.disk.size) \(export.disk.root?.id.description ?? "zero") "
            + "\(type(of: export.format).name) \(export.choices)"
    }
}

extension EngineError {
    /// The same error, saying that the work so far is not lost.
    fileprivate var resumable: EngineError {
        var error = EngineError(
            kind, message + "; what was written is kept: --resume goes on there", isRetryable: isRetryable)
        for place in context.reversed() { error = error.at(place) }
        return error
    }
}
