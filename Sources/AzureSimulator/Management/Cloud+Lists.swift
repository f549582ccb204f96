/// Lists, in pages.
extension Cloud {
    /// The page that is asked for.
    func list(_ values: [JSON], _ request: ManagementRequest) -> Answer {
        let start = min(request.call.parameter("$skiptoken").flatMap { Int($0) } ?? 0, values.count)
        let last = min(values.count, start + max(1, request.listLimit ?? 500))
        var body: JSON = ["value": .array(Array(values[start..<last]))]
        if last < values.count {
            let kept = request.call.query.filter { $0.name != "$skiptoken" }
                .map { "\(Percent.encode($0.name))=\(Percent.encode($0.value))" }
            let query = (kept + ["%24skiptoken=\(last)"]).joined(separator: "&")
            body["nextLink"] = "\(request.call.origin)\(request.call.rawPath)?\(query)"
        }
        return .json(200, body)
    }

    func list(
        _ kind: ResourceKind, _ group: String?, _ parent: String?, _ request: ManagementRequest
    ) throws(AzureError) -> Answer {
        if let group, groups[group.lowercased()] == nil { throw .noGroup(group) }
        let found = resources.values.filter { resource in
            resource.id.kind == kind && (group == nil || resource.id.group.lowercased() == group?.lowercased())
                && (parent == nil || resource.id.parent?.lowercased() == parent?.lowercased())
        }
        return list(found.sorted { $0.id.key < $1.id.key }.map(shown), request)
    }

    /// Resources of every kind; `$filter` may ask for `resourceType`, or for `tagName` and `tagValue`.
    func resources(in group: String?, _ request: ManagementRequest) throws(AzureError) -> Answer {
        if let group, groups[group.lowercased()] == nil { throw .noGroup(group) }
        let rules = try Self.rules(request.call.parameter("$filter") ?? "")
        let found = resources.values.filter { resource in
            guard resource.id.kind != .subnet else { return false }
            if let group, resource.id.group.lowercased() != group.lowercased() { return false }
            if let type = rules["resourcetype"], resource.id.kind.fullType.lowercased() != type.lowercased() {
                return false
            }
            guard let tag = rules["tagname"] else { return true }
            guard let value = resource.tags[tag].text else { return false }
            return rules["tagvalue"].map { $0 == value } ?? true
        }
        return list(found.sorted { $0.id.key < $1.id.key }.map(\.summary), request)
    }

    /// `name eq 'value' and …`.
    static func rules(_ filter: String) throws(AzureError) -> [String: String] {
        var rules: [String: String] = [:]
        for part in filter.split(separator: " and ") {
            let halves = part.split(separator: " eq ").map(String.init)
            guard halves.count == 2, halves[1].count >= 2, halves[1].first == "'", halves[1].last == "'" else {
                throw AzureError(
                    400, "InvalidFilterInQueryString", "Invalid $filter '\(filter)' specified in the query string.")
            }
            rules[halves[0].replacing(" ", with: "").lowercased()] = String(halves[1].dropFirst().dropLast())
        }
        return rules
    }
}
