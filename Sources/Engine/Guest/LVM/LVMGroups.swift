/// The logical volumes of all groups on a machine's disks.
struct LVMGroups: Sendable {
    /// A logical volume: readable, or the reason why not.
    struct Logical: Sendable {
        /// `group/volume`.
        let name: String
        let volume: GuestVolume?
    }

    let volumes: [Logical]
    /// Names of groups of which a disk is missing.
    let incomplete: [String]

    private static let mostVolumes = 256
    private static let mostSegments = 4096

    init(_ physical: [LVMPhysicalVolume]) {
        var volumes: [Logical] = []
        var incomplete: [String] = []
        var groups: [String: LVMText] = [:]
        for metadata in physical.compactMap(\.metadata) {
            for (name, group) in metadata.members where group["extent_size"] != nil {
                let isNewer = (groups[name]?["seqno"]?.count ?? 0) < (group["seqno"]?.count ?? 0)
                if groups[name] == nil || isNewer { groups[name] = group }
            }
        }
        for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
            let parts = Self.parts(of: group, physical)
            if parts.count < (group["physical_volumes"]?.members.count ?? 0) { incomplete.append(name) }
            let logical = group["logical_volumes"]?.members ?? [:]
            for (volume, text) in logical.sorted(by: { $0.key < $1.key }) where volumes.count < Self.mostVolumes {
                let full = "\(name)/\(volume)"
                volumes.append(Logical(name: full, volume: Self.volume(full, text, in: group, parts)))
            }
        }
        self.volumes = volumes
        self.incomplete = incomplete
    }

    /// A physical volume by the name that a group gives it.
    private struct Part {
        let volume: GuestVolume
        /// Where extents begin.
        let start: UInt64
    }

    private static func parts(of group: LVMText, _ physical: [LVMPhysicalVolume]) -> [String: Part] {
        var parts: [String: Part] = [:]
        for (name, text) in group["physical_volumes"]?.members ?? [:] {
            let id = text["id"]?.string?.filter { $0 != "-" }
            guard let found = physical.first(where: { $0.id == id }),
                let start = text["pe_start"]?.count?.multipliedReportingOverflow(by: 512), !start.overflow
            else { continue }
            parts[name] = Part(volume: found.volume, start: start.partialValue)
        }
        return parts
    }

    /// Nil for what is not linear, or not all there.
    private static func volume(
        _ name: String, _ text: LVMText, in group: LVMText, _ parts: [String: Part]
    ) -> GuestVolume? {
        guard let sectors = group["extent_size"]?.count, sectors > 0, sectors <= 1 << 32 else { return nil }
        let extent = sectors * 512
        let segments = text.members.filter { $0.key.hasPrefix("segment") }.compactMap { Segment($0.value) }
        guard segments.count <= mostSegments, UInt64(segments.count) == text["segment_count"]?.count else { return nil }
        var pieces: [(disk: InspectedDisk, range: ByteRange)] = []
        var next: UInt64 = 0
        for segment in segments.sorted(by: { $0.start < $1.start }) {
            guard segment.start == next, let part = parts[segment.physical],
                let found = part.volume.pieces(of: segment.place, count: segment.count, unit: extent, from: part.start)
            else { return nil }
            pieces += found
            next = segment.start + segment.count
        }
        return pieces.isEmpty ? nil : GuestVolume("volume \(name)", pieces)
    }

    private struct Segment {
        /// Extents.
        let start: UInt64
        let count: UInt64
        let physical: String
        let place: UInt64

        /// Nil for anything but a linear one.
        init?(_ text: LVMText) {
            guard text["type"]?.string == "striped", text["stripe_count"]?.count == 1,
                let start = text["start_extent"]?.count, let count = text["extent_count"]?.count,
                let stripes = text["stripes"]?.items, stripes.count == 2, let physical = stripes[0].string,
                let place = stripes[1].count, start < 1 << 40, count > 0, count < 1 << 40
            else { return nil }
            self.start = start
            self.count = count
            self.physical = physical
            self.place = place
        }
    }
}

extension GuestVolume {
    /// Where extents of a physical volume lie on its disks; nil when they are behind its end.
    fileprivate func pieces(
        of place: UInt64, count: UInt64, unit: UInt64, from start: UInt64
    ) -> [(disk: InspectedDisk, range: ByteRange)]? {
        let (offset, overflow) = place.multipliedReportingOverflow(by: unit)
        let (length, tooLong) = count.multipliedReportingOverflow(by: unit)
        let (begin, tooFar) = offset.addingReportingOverflow(start)
        guard !overflow, !tooLong, !tooFar, begin <= size, length <= size - begin else { return nil }
        return parts(of: ByteRange(start: begin, count: length))
    }
}
