/// A file of a tar as part of a disk image. Files that it names are looked for in the same tar.
struct TarMember: ImageStorage {
    let archive: any ImageStorage
    let members: [TarReader.Member]
    let member: TarReader.Member

    var name: String { archive.name + "/" + member.name }
    var size: UInt64 { member.range.count }

    func extents(in range: ByteRange) async throws(EngineError) -> [DiskExtent] {
        let place = ByteRange(start: member.range.start + range.start, count: range.count)
        var list = ExtentList()
        list.append(try await archive.extents(in: place), from: place.start, at: range.start)
        return list.extents
    }

    func read(_ range: ByteRange, into output: Buffer) async throws(EngineError) {
        try await archive.read(ByteRange(start: member.range.start + range.start, count: range.count), into: output)
    }

    func related(_ path: String) async throws(EngineError) -> any ImageStorage {
        guard let found = members.first(where: { $0.name == path }) else {
            throw EngineError(.notFound, "\(archive.name) has no file `\(path)`, which \(member.name) names")
        }
        return TarMember(archive: archive, members: members, member: found)
    }
}
