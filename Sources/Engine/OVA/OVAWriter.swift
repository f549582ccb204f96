/// Writes a VM and its disks as one file: a tar with the OVF first, then the disks, then the manifest.
///
/// The OVF and the tar's headers tell how large the disks' files are, before these. Into a file they are written when
/// that is known; as a stream the disks are measured first, which costs as much again (docs/decisions/0014).
/// What a crash leaves is what the destination leaves of a file that was not committed.
package struct OVAWriter: Sendable {
    private let machine: OVFMachine
    private let disks: [any BlockReader]
    private let format: any ImageFormat
    private let time: Timestamp

    /// - Parameters:
    ///   - machine: its disks are those of `disks`, in order; names and formats of their files are set here.
    ///   - format: a variant that can be a stream.
    ///   - time: of the files in the tar.
    /// - Throws: `.configuration` when these do not fit.
    package init(
        _ machine: OVFMachine, disks: [any BlockReader], as format: any ImageFormat, time: Timestamp
    ) throws(EngineError) {
        guard machine.disks.count == disks.count else {
            throw EngineError(
                .configuration, "\(machine.disks.count) disks are described, but there are \(disks.count)")
        }
        let formatName = type(of: format).name
        guard format.variant.canStream else {
            throw EngineError(
                .unsupported,
                "the variant `\(format.variant.name)` of \(formatName) cannot be in an OVA: it is not written front to back"
            )
        }
        let fileExtension = type(of: format).fileExtensions.first ?? formatName
        var machine = machine
        let base = Self.fileName(of: machine.name)
        for index in machine.disks.indices {
            machine.disks[index].file = "\(base)-disk\(index + 1).\(fileExtension)"
            machine.disks[index].format = OVFFormat.uri(of: formatName, format.variant.name)
        }
        self.machine = machine
        self.disks = disks
        self.format = format
        self.time = time
    }

    /// The machine's name with what no file system and no importer minds.
    static func fileName(of name: String) -> String {
        let allowed = name.unicodeScalars.map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain || scalar == "-" || scalar == "_" || scalar == "." ? Character(scalar) : "_"
        }
        let text = String(allowed.prefix(64)).drop { $0 == "." }
        return text.isEmpty ? "vm" : String(text)
    }

    /// Writes it; the caller commits or abandons the destination.
    /// - Parameter progress: bytes of all disks that are done; as a stream, half of them are by measuring.
    package func write(
        to destination: any ImageDestination, progress: @escaping ImageProgress
    ) async throws(EngineError) -> WrittenImage {
        let isStream = destination.isStream
        let sizes = isStream ? try await measured { progress($0 / 2) } : nil
        let diskBytes = disks.reduce(0) { $0 + $1.size }
        let tar = OVATar(try await destination.begin(destination.name), time: time)
        // Without the sizes, the OVF has room for the largest ones.
        let ovf = try ovf(sizes ?? disks.map { _ in .max })
        let ovfName = Self.fileName(of: machine.name) + ".ovf"
        let place = try await tar.append(ovfName, Array(ovf.utf8))
        var written: [OVATar.Entry] = []
        var remarks: [String] = []
        var done: UInt64 = 0
        for (index, disk) in disks.enumerated() {
            let before = done
            let entry = try await tar.append(fileName(index), expecting: sizes?[index]) { member throws(EngineError) in
                let image = try await self.format.write(disk, to: member) {
                    progress(isStream ? diskBytes / 2 + (before + $0) / 2 : before + $0)
                }
                remarks += image.remarks
            }
            written.append(entry)
            done += disk.size
        }
        var ovfDigest = place.digest
        if !isStream { ovfDigest = try await tar.replace(place, try self.ovf(written.map(\.count))) }
        var manifest = OVAManifest()
        manifest.append(ovfName, ovfDigest)
        for entry in written { manifest.append(entry.name, entry.digest) }
        _ = try await tar.append(Self.fileName(of: machine.name) + ".mf", Array(manifest.text.utf8))
        return WrittenImage(diskSize: diskBytes, fileSize: try await tar.finish(), remarks: remarks)
    }

    private func fileName(_ index: Int) -> String { machine.disks[index].file ?? "" }

    private func ovf(_ sizes: [UInt64]) throws(EngineError) -> String {
        let files = sizes.enumerated().map { OVFWriter.File(name: fileName($0), size: $1) }
        return try OVFWriter(machine: machine, files: files).text()
    }

    /// The bytes that each disk's file will have.
    private func measured(_ progress: @escaping ImageProgress) async throws(EngineError) -> [UInt64] {
        var sizes: [UInt64] = []
        var done: UInt64 = 0
        for (index, disk) in disks.enumerated() {
            let before = done
            let measure = MeasuringDestination(name: fileName(index))
            _ = try await format.write(disk, to: measure) { progress(before + $0) }
            sizes.append(measure.size)
            done += disk.size
        }
        return sizes
    }
}
