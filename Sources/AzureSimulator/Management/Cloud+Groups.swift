/// Resource groups.
extension Cloud {
    static func group(_ name: String, location: String, tags: JSON, subscription: String) -> JSON {
        [
            "id": "/subscriptions/\(subscription)/resourceGroups/\(name)", "name": .text(name),
            "type": "Microsoft.Resources/resourceGroups", "location": .text(location), "tags": tags,
            "properties": ["provisioningState": "Succeeded"],
        ]
    }

    func group(_ name: String, _ request: ManagementRequest) throws(AzureError) -> Answer {
        let key = name.lowercased()
        let old = groups[key]
        switch request.call.method {
        case "HEAD": return Answer(status: old == nil ? 404 : 204)
        case "GET":
            guard let old else { throw .noGroup(name) }
            return .json(200, old)
        case "PUT":
            let new = try putGroup(name, old, request)
            groups[key] = new
            return .json(old == nil ? 201 : 200, new)
        case "DELETE":
            guard old != nil else { throw .noGroup(name) }
            groups[key]?["properties"] = ["provisioningState": "Deleting"]
            return removeGroup(key, request)
        default: throw AzureError(405, "MethodNotAllowed", "The method \(request.call.method) is not allowed here.")
        }
    }

    private func putGroup(_ name: String, _ old: JSON?, _ request: ManagementRequest) throws(AzureError) -> JSON {
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789-_.()".unicodeScalars.contains($0)
        }
        guard isPlain, (1...90).contains(name.count), name.last != "." else {
            throw AzureError(
                400, "InvalidResourceGroup",
                "The provided resource group name '\(name)' has these invalid characters, or ends with a period.")
        }
        guard let wanted = request.body["location"].text else {
            throw AzureError(400, "LocationRequired", "The location property is required for this definition.")
        }
        let plain = wanted.lowercased().replacing(" ", with: "")
        guard settings.regions.contains(where: { $0.name == plain }) else {
            throw AzureError(
                400, "LocationNotAvailableForResourceGroup",
                "The provided location '\(wanted)' is not available for resource group.")
        }
        if let old, old["location"].text != plain {
            throw AzureError(
                409, "InvalidResourceGroupLocation",
                "Invalid resource group location '\(plain)'. The Resource group already exists in location "
                    + "'\(old["location"].text ?? "")'.")
        }
        if let old, old["properties", "provisioningState"].text == "Deleting" {
            throw AzureError(
                409, "ResourceGroupBeingDeleted", "The resource group '\(name)' is in deprovisioning state.")
        }
        return Self.group(
            old?["name"].text ?? name, location: plain, tags: request.body["tags"], subscription: settings.subscription)
    }

    private func removeGroup(_ key: String, _ request: ManagementRequest) -> Answer {
        let number = Front.newID()
        let path = "/subscriptions/\(settings.subscription)/operationresults/\(number)"
        let operation = LongOperation(
            id: number, started: request.now, resource: "", effect: .removeGroup(key), failure: request.laterFailure,
            result: .null, statusPath: path, resultPath: path)
        operations[number] = operation
        return accepted(operation, status: 202, nil, request)
    }
}
