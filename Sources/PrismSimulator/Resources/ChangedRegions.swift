/// Step two of changed regions, on Prism Element.
extension World {
    static let contentRoutes: [Route] = [
        Route(
            "computeChangedRegions",
            "POST /dataprotection/content/recovery-points/{rp}/vm-recovery-points/{part}"
                + "/disk-recovery-points/{disk}/$actions/compute-changed-regions",
            "dataprotection.v4.content.ChangedVmRegionsApiResponse ChangedRegion",
            body: "dataprotection.v4.content.VmRecoveryPointChangedRegionsComputeSpec"
        ) { world, call in try await world.computeRegions(call, part: "referenceVmRecoveryPointExtId") },
        Route(
            "computeChangedVolumeGroupRegions",
            "POST /dataprotection/content/recovery-points/{rp}/volume-group-recovery-points/{part}"
                + "/disk-recovery-points/{disk}/$actions/compute-changed-regions",
            "dataprotection.v4.content.ChangedVolumeGroupRegionsApiResponse ChangedRegion",
            body: "dataprotection.v4.content.VolumeGroupRecoveryPointChangedRegionsComputeSpec"
        ) { world, call in try await world.computeRegions(call, part: "referenceVolumeGroupRecoveryPointExtId") },
        Route(
            "getVSSMetadata",
            "GET /dataprotection/content/recovery-points/{rp}/vm-recovery-points/{part}/vss-metadata",
            "dataprotection.v4.content.VssMetadataApiResponse VssMetadata"
        ) { world, call in
            let claims = try world.authorized(call)
            guard claims["operation"] == "GET_VSS_METADATA" else { throw APIError(status: 403, body: .empty) }
            let point = try world.find(.recoveryPoint, call["rp"])
            let part = try world.part(call["part"], of: point)
            guard part.at("applicationConsistentProperties.shouldStoreVssMetadata")?.bool == true else {
                throw APIError.notFound("VSS metadata", call["part"])
            }
            // An empty cabinet: its signature and 32 zero bytes.
            return .file(Array("MSCF".utf8) + Array(repeating: 0, count: 32))
        },
    ]

    /// The claims of the token that came as a cookie.
    private func authorized(_ call: APICall) throws(APIError) -> JSONValue {
        if call.request.headers["authorization"]?.hasPrefix("Bearer") == true {
            throw APIError(status: 403, body: .empty)
        }
        guard let token = call.request.cookie("NTNX_IGW_SESSION"), let claims = claims(of: token) else {
            throw APIError(status: 401, body: .empty)
        }
        if claims["scope"]?.string != "/api/dataprotection/v4.\(call.minor)/content" {
            throw APIError(
                status: 401,
                body: .text("The scope of the token does not match the base path of the request.", type: "text/plain"))
        }
        if claims["cluster"]?.string != call.cluster { throw APIError(status: 403, body: .empty) }
        return claims
    }

    private func computeRegions(_ call: APICall, part: String) async throws -> Answer {
        let claims = try authorized(call)
        let reference = call.body["referenceDiskRecoveryPointExtId"]?.string
        let named = ["referenceRecoveryPointExtId", part, "referenceDiskRecoveryPointExtId"]
            .count { call.body[$0] != nil }
        if named != 0 && named != 3 { throw APIError.body("/", "all three reference ids are needed, or none") }
        guard claims["disk"]?.string == call["disk"], claims["reference"]?.string == reference else {
            throw APIError.message(403, "%-40300", "FORBIDDEN", "The token is for other disks.")
        }
        let disk = try frozenDisk(call["disk"], in: call["rp"])
        let older = try reference.map { (id) throws(APIError) in
            try frozenDisk(id, in: call.body["referenceRecoveryPointExtId"]?.string ?? "")
        }
        let block = call.body["blockSizeByte"]?.int ?? 65536
        guard [32768, 65536, 131_072, 262_144].contains(block) else {
            throw APIError.body("/blockSizeByte", "must be 32768, 65536, 131072 or 262144")
        }
        let size = disk["size"]?.int ?? 0
        let offset = call.body["offset"]?.int ?? 0
        guard (0...max(size, 0)).contains(offset) else { throw APIError.body("/offset", "is outside of the disk") }
        let length = call.body["length"]?.int
        if let length, length <= 0 { throw APIError.body("/length", "must be positive") }
        let regions = try await regions(call["disk"], disk, since: reference, older, block: block)
        let end = length.map { min(size, offset + min($0, size)) } ?? size
        return pageOfRegions(regions, offset: offset, end: end, size: size, isWindow: length != nil, call)
    }

    private func frozenDisk(_ id: String, in point: String) throws(APIError) -> JSONValue {
        guard let disk = try find(.recoveryPoint, point).hidden["disks"]?[id] else {
            throw .notFound("disk recovery point", id)
        }
        return disk
    }

    private func regions(
        _ id: String, _ disk: JSONValue, since reference: String?, _ older: JSONValue?, block: Int
    ) async throws -> [Region] {
        let key = "\(id) \(reference ?? "-") \(block)"
        if let known = scans[key] { return known }
        let scan = RegionScan(block: block)
        let path = disks.path(id)
        let found: [Region]
        if let reference, let older {
            if settings.tracking == .journal, older["disk"] == disk["disk"] {
                found = journaled(disk, since: older, block: block)
            } else {
                let referencePath = disks.path(reference)
                found = try await disks.scan { try scan.changed(path, since: referencePath) }
            }
        } else {
            found = try await disks.scan { try scan.used(path) }
        }
        if scans.count > 64 { scans = [:] }
        scans[key] = found
        return found
    }

    /// What guest writes noted between two recovery points of one disk.
    private func journaled(_ disk: JSONValue, since older: JSONValue, block: Int) -> [Region] {
        let id = disk["disk"]?.string ?? ""
        let owner = all(.vm).first { $0.ownDisks.contains(id) }
        let journal = owner?.hidden["journal"]?[id]?.elements ?? []
        let first = min(journal.count, older["journal"]?.int ?? 0)
        let last = min(journal.count, disk["journal"]?.int ?? 0)
        guard first < last else { return [] }
        var blocks: [Int: Bool] = [:]
        for entry in journal[first..<last] {
            guard let start = entry[0]?.int, let count = entry[1]?.int, count > 0 else { continue }
            let isWhole = start % block == 0 && count % block == 0
            for index in start / block...(start + count - 1) / block {
                blocks[index] = entry[2]?.bool == true && isWhole
            }
        }
        var list = RegionList()
        for (index, isZero) in blocks.sorted(by: { $0.key < $1.key }) {
            list.append(index * block..<(index + 1) * block, isZero: isZero)
        }
        return list.regions
    }

    private func pageOfRegions(
        _ all: [Region], offset: Int, end: Int, size: Int, isWindow: Bool, _ call: APICall
    ) -> Answer {
        var shown: [JSONValue] = []
        var next: Int?
        for region in all where region.range.upperBound > offset && region.range.lowerBound < end {
            if shown.count == settings.regionsPerAnswer {
                next = region.range.lowerBound
                break
            }
            let start = max(region.range.lowerBound, offset)
            let stop = isWindow ? min(region.range.upperBound, end) : region.range.upperBound
            shown.append([
                "offset": .int(start), "length": .int(stop - start), "regionType": region.isZero ? "ZEROED" : "REGULAR",
            ])
        }
        if next == nil, isWindow, end < size { next = end }
        for fault in events.takeRegionFaults() {
            if fault == .stuckOffset { next = max(offset, 1) }
            if fault == .regionBeyondEnd {
                shown.append(["offset": .int(size), "length": 1_048_576, "regionType": "REGULAR"])
            }
        }
        answeredRegions += 1
        let asText =
            switch settings.numbersAsTexts {
            case .never: false
            case .always: true
            case .sometimes: answeredRegions.isMultiple(of: 2)
            }
        func number(_ value: Int) -> JSONValue { asText ? .string(String(value)) : .int(value) }
        var extra = [("fileSize", number(size))]
        if let next {
            extra.append(("nextOffset", number(next)))
        } else if settings.lastOffset == .zero {
            extra.append(("nextOffset", number(0)))
        } else if settings.lastOffset == .size {
            extra.append(("nextOffset", number(size)))
        }
        return .regions(shown, extra: extra)
    }
}
