/// An OVA, or an OVF with its files beside it, that others wrote.
public struct OVAPackage: Sendable {
    public let description: OVFDescription
    /// What the reader had to forgive, one sentence each.
    public let remarks: [String]
    private let ovf: any ImageStorage
    private let ovfName: String
    private let members: [TarReader.Member]?
    private let manifest: OVAManifest?

    /// Bytes of the largest OVF and manifest that are read.
    private static let mostText: UInt64 = 8 << 20

    /// Opens a tar, or the file of an OVF. Digests are compared by `verify`.
    /// - Throws: `.corrupt`; `.unsupported`, naming what is not supported.
    public static func open(_ storage: any ImageStorage) async throws(EngineError) -> OVAPackage {
        guard try await TarReader.recognizes(storage) else {
            let name = storage.name.split(separator: "/").last.map(String.init) ?? storage.name
            return try await OVAPackage(ovf: storage, ovfName: name, members: nil)
        }
        let members = try await TarReader(file: storage).members()
        guard Set(members.map(\.name)).count == members.count else {
            throw EngineError(.corrupt, "\(storage.name) has two files of the same name")
        }
        let described = members.filter { $0.name.lowercased().hasSuffix(".ovf") }
        guard let first = described.first, described.count == 1 else {
            throw EngineError(.corrupt, "\(storage.name) has \(described.count) files that end with `.ovf`, not one")
        }
        let ovf = TarMember(archive: storage, members: members, member: first)
        return try await OVAPackage(ovf: ovf, ovfName: first.name, members: members)
    }

    private init(ovf: any ImageStorage, ovfName: String, members: [TarReader.Member]?) async throws(EngineError) {
        self.ovf = ovf
        self.ovfName = ovfName
        self.members = members
        description = try OVFDescription(try await Self.bytes(of: ovf), what: ovf.name)
        var remarks = description.remarks
        if let first = members?.first, first.name != ovfName {
            remarks.append("the OVF is not the first file: VMware and VirtualBox refuse that")
        }
        let base = ovfName.hasSuffix(".ovf") ? String(ovfName.dropLast(4)) : ovfName
        (manifest, remarks) = try await Self.manifest(base + ".mf", beside: ovf, remarks)
        if members?.contains(where: { $0.name.hasSuffix(".cert") }) == true {
            remarks.append("there is a signature, which is not verified")
        }
        self.remarks = remarks
    }

    private static func manifest(
        _ name: String, beside ovf: any ImageStorage, _ remarks: [String]
    ) async throws(EngineError) -> (OVAManifest?, [String]) {
        let file: any ImageStorage
        do throws(EngineError) {
            file = try await ovf.related(name)
        } catch {
            guard error.kind == .notFound else { throw error }
            return (nil, remarks + ["there is no manifest: damage of its files cannot be seen"])
        }
        do throws(EngineError) {
            return (try OVAManifest(parsing: String(decoding: try await bytes(of: file), as: UTF8.self)), remarks)
        } catch {
            throw error.at(file.name)
        }
    }

    private static func bytes(of file: any ImageStorage) async throws(EngineError) -> [UInt8] {
        guard file.size <= mostText else { throw EngineError(.unsupported, "\(file.name) has \(ByteCount(file.size))") }
        return try await file.fields(at: 0, count: Int(file.size), what: "the text").bytes
    }

    /// The file of a disk, for an image format to open.
    /// - Throws: `.notFound`; `.corrupt` when it is not as long as the OVF says; `.configuration` for a disk without.
    public func file(of disk: OVFMachine.Disk) async throws(EngineError) -> any ImageStorage {
        guard let name = disk.file else {
            throw EngineError(.configuration, "a disk of `\(description.machine.name)` has no file: it is empty")
        }
        let file = try await ovf.related(name)
        if let size = description.files.first(where: { $0.name == name })?.size, size != file.size {
            throw EngineError(
                .corrupt, "\(file.name) has \(file.size) bytes, but \(size) by its OVF: it is damaged or cut off")
        }
        return file
    }

    /// Reads every file and compares its digest with the manifest; does nothing without one.
    /// - Throws: `.corrupt` naming the file that differs, `.notFound` one that is missing.
    public func verify() async throws(EngineError) {
        for line in manifest?.lines ?? [] {
            let file = line.file == ovfName ? ovf : try await ovf.related(line.file)
            var digest = OVADigest(line.algorithm)
            let buffer = Buffer(capacity: 1 << 20)
            var position: UInt64 = 0
            while position < file.size {
                let end = min(position + UInt64(buffer.capacity), file.size)
                buffer.removeAll()
                try await file.read(ByteRange(position, end), into: buffer)
                buffer.withBytes { digest.update($0) }
                position = end
            }
            guard digest.text == line.digest else {
                throw EngineError(
                    .corrupt,
                    "\(file.name) is not what the manifest says: its \(line.algorithm.rawValue) is \(digest.text)")
            }
        }
    }
}
