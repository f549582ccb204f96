import Engine

/// Finds the size of a VM: the one that was asked for, or the first of the table that the region has and that can do what is
/// needed.
struct SizeChoice: Sendable {
    let client: ResourceClient
    let location: String
    let needs: SizeNeeds
    /// The size that was asked for.
    let wanted: String?

    struct Chosen: Sendable {
        let size: MachineSize
        let remarks: [String]
    }

    /// - Throws: `.unsupported` with what is in the way; `.noSpace` when a quota is.
    func choose() async throws(EngineError) -> Chosen {
        let candidates =
            wanted.map { [MachineSize(name: $0, cpus: needs.cpus, memory: needs.memory)] }
            ?? MachineSize.candidates(cpus: needs.cpus, memory: needs.memory)
        guard let first = candidates.first else {
            throw EngineError(
                .unsupported,
                "no usual size has \(needs.cpus) CPUs and \(ByteCount(needs.memory)) of memory: give --size")
        }
        guard let skus = try await skus() else {
            return Chosen(
                size: first,
                remarks: [
                    "the identity may not list sizes: whether \(location) has \(first.name) shows when it is made"
                ])
        }
        return try await choose(of: candidates, skus)
    }

    private func choose(
        of candidates: [MachineSize], _ skus: [String: MachineSKU]
    ) async throws(EngineError) -> Chosen {
        var objections: [String] = []
        for candidate in candidates {
            guard let sku = skus[candidate.name.lowercased()] else {
                objections.append("\(candidate.name) is not offered in \(location)")
                continue
            }
            if let objection = needs.objection(to: sku) {
                objections.append("\(candidate.name) \(objection)")
                continue
            }
            let size = MachineSize(name: sku.name, cpus: sku.cpus, memory: sku.memory)
            if let objection = try await quotaObjection(to: sku) {
                guard wanted == nil else { throw EngineError(.noSpace, objection) }
                objections.append(objection)
                continue
            }
            return Chosen(size: size, remarks: remarks(size))
        }
        let isQuota = objections.contains { $0.contains("quota") }
        throw EngineError(
            isQuota ? .noSpace : .unsupported,
            "no size fits: \(objections.prefix(4).joined(separator: "; ")). \(others(skus))")
    }

    /// Sizes that would do, for the message.
    private func others(_ skus: [String: MachineSKU]) -> String {
        let fitting = skus.values.filter {
            needs.objection(to: $0) == nil && $0.cpus >= needs.cpus && $0.memory >= needs.memory
        }
        let names = fitting.sorted { ($0.cpus, $0.memory, $0.name) < ($1.cpus, $1.memory, $1.name) }
            .prefix(5).map(\.name)
        return names.isEmpty
            ? "\(location) has none that is large enough: choose another region"
            : "\(location) has \(names.joined(separator: ", ")): give --size"
    }

    private func remarks(_ size: MachineSize) -> [String] {
        guard size.cpus < needs.cpus || size.memory < needs.memory else { return [] }
        return [
            "\(size.name) has \(size.cpus) CPUs and \(ByteCount(size.memory)), the VM had \(needs.cpus) and "
                + "\(ByteCount(needs.memory))"
        ]
    }

    /// The region's sizes by their names; nil when the identity may not ask.
    private func skus() async throws(EngineError) -> [String: MachineSKU]? {
        do {
            let list = try await client.list(
                "providers/Microsoft.Compute/skus", version: "2021-07-01", filter: "location eq '\(location)'",
                what: "list the sizes of \(location)")
            let skus = list.compactMap { MachineSKU($0) }
            return Dictionary(skus.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        } catch {
            guard error.kind == .denied, error.message.contains("AuthorizationFailed") else { throw error }
            return nil
        }
    }

    /// What a quota says against a size.
    private func quotaObjection(to sku: MachineSKU) async throws(EngineError) -> String? {
        let usages: [JSONValue]
        do {
            usages = try await client.list(
                "providers/Microsoft.Compute/locations/\(location)/usages", version: "2024-07-01",
                what: "look at the quotas of \(location)")
        } catch {
            guard error.kind == .denied, error.message.contains("AuthorizationFailed") else { throw error }
            return nil
        }
        let more = ["cores": sku.cpus, sku.family.lowercased(): sku.cpus, "virtualmachines": 1]
        for usage in usages {
            guard let name = usage["name"]?["value"]?.string, let needed = more[name.lowercased()],
                let used = usage["currentValue"]?.integer, let limit = usage["limit"]?.integer
            else { continue }
            if used + Int64(needed) > limit {
                return
                    "the quota `\(name)` of \(location) is \(limit), \(used) are in use, and \(sku.name) needs \(needed) "
                    + "more: ask for a higher one in the Azure portal"
            }
        }
        return nil
    }
}
