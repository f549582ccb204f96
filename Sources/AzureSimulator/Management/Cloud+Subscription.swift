/// The subscription, its regions and its providers.
extension Cloud {
    var subscription: JSON {
        [
            "id": "/subscriptions/\(settings.subscription)", "subscriptionId": .text(settings.subscription),
            "tenantId": .text(tenant), "displayName": "Simulated", "state": "Enabled",
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": ["quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"],
        ]
    }

    func location(_ region: CloudSettings.Region) -> JSON {
        [
            "id": "/subscriptions/\(settings.subscription)/locations/\(region.name)", "name": .text(region.name),
            "type": "Region", "displayName": .text(region.displayName),
            "regionalDisplayName": .text(region.displayName), "metadata": ["regionType": "Physical"],
        ]
    }

    func provider(_ namespace: String) -> JSON {
        let isRegistered = registered.contains(namespace.lowercased())
        let kinds = ResourceKind.allCases.filter { $0.namespace == namespace && $0 != .subnet }
        return [
            "id": "/subscriptions/\(settings.subscription)/providers/\(namespace)", "namespace": .text(namespace),
            "registrationState": isRegistered ? "Registered" : "NotRegistered",
            "registrationPolicy": "RegistrationRequired",
            "resourceTypes": .array(
                kinds.map { kind in
                    [
                        "resourceType": .text(kind.type),
                        "locations": .array(settings.regions.map { .text($0.displayName) }),
                        "apiVersions": ["2024-07-01", "2024-05-01", "2024-03-02"],
                    ]
                }),
        ]
    }

    func knownProvider(_ name: String) throws(AzureError) -> JSON {
        guard let namespace = ResourceKind.namespaces.first(where: { $0.lowercased() == name.lowercased() }) else {
            throw AzureError(
                404, "InvalidResourceNamespace", "The resource namespace '\(name)' is invalid.")
        }
        return provider(namespace)
    }

    /// The answer still says that it is under way; the next question is answered with the end.
    func register(_ name: String) throws(AzureError) -> JSON {
        var json = try knownProvider(name)
        if registered.insert(name.lowercased()).inserted { json["registrationState"] = "Registering" }
        return json
    }

    func storageAccount(_ id: ResourceID) throws(AzureError) -> JSON {
        guard let account = accounts.first(where: { $0.name == id.name }) else { throw try missing(id) }
        return [
            "id": .text(id.text), "name": .text(account.name), "type": .text(id.kind.fullType),
            "location": .text(account.location), "kind": "StorageV2",
            "sku": ["name": "Standard_LRS", "tier": "Standard"],
            "properties": [
                "provisioningState": "Succeeded",
                "primaryEndpoints": ["blob": "https://\(account.name).blob.core.windows.net/"],
            ],
        ]
    }
}
