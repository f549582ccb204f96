/// Containers.
extension Store {
    func createContainer(_ request: StoreRequest) throws(AzureError) -> Answer {
        let name = request.call.container ?? ""
        try Self.checkName(name)
        guard containers[request.containerKey] == nil else { throw .containerExists }
        let container = Container(modified: request.now, etag: nextTag(), metadata: try request.metadata())
        containers[request.containerKey] = container
        return Answer(
            status: 201,
            headers: [("ETag", container.etag), ("Last-Modified", container.modified.httpDate)])
    }

    func deleteContainer(_ request: StoreRequest) throws(AzureError) -> Answer {
        let container = try container(request)
        try request.conditions.checkWrite(etag: container.etag, modified: container.modified)
        containers[request.containerKey] = nil
        return Answer(status: 202)
    }

    func containerProperties(_ request: StoreRequest) throws(AzureError) -> Answer {
        let container = try container(request)
        return Answer(
            status: 200,
            headers: [
                ("ETag", container.etag), ("Last-Modified", container.modified.httpDate),
                ("x-ms-lease-status", "unlocked"), ("x-ms-lease-state", "available"),
                ("x-ms-has-immutability-policy", "false"), ("x-ms-has-legal-hold", "false"),
                ("x-ms-default-encryption-scope", "$account-encryption-key"),
                ("x-ms-deny-encryption-scope-override", "false"),
            ] + container.metadata.map { ("x-ms-meta-" + $0.name, $0.value) })
    }

    func accountInformation() -> Answer {
        Answer(
            status: 200,
            headers: [
                ("x-ms-sku-name", "Standard_LRS"), ("x-ms-account-kind", "StorageV2"), ("x-ms-is-hns-enabled", "false"),
            ])
    }

    func listContainers(_ call: Call) throws(AzureError) -> Answer {
        let prefix = call.parameter("prefix") ?? ""
        let page = try ListPage(call, limit: nil)
        let own = "\(call.account)/"
        let names = containers.keys.filter { $0.hasPrefix(own + prefix) }.map { String($0.dropFirst(own.count)) }
            .sorted()
        var rest = names.filter { $0 >= page.start }[...]
        let shown = rest.prefix(page.size)
        rest = rest.dropFirst(page.size)
        var document = XMLText()
        document.element("EnumerationResults", attributes: " ServiceEndpoint=\"\(call.origin)/\(call.account)/\"") {
            list in
            page.echo(call, into: &list)
            list.element("Containers") { list in
                for name in shown { Self.write(name, containers[own + name], into: &list) }
            }
            list.element("NextMarker", rest.first.map(ListPage.marker) ?? "", attributes: "")
        }
        return .xml(document)
    }

    private static func write(_ name: String, _ container: Container?, into list: inout XMLText) {
        guard let container else { return }
        list.element("Container") { entry in
            entry.element("Name", name)
            entry.element("Properties") { properties in
                properties.element("Last-Modified", container.modified.httpDate)
                properties.element("Etag", container.etag)
                properties.element("LeaseStatus", "unlocked")
                properties.element("LeaseState", "available")
                properties.element("DefaultEncryptionScope", "$account-encryption-key")
                properties.element("DenyEncryptionScopeOverride", "false")
                properties.element("HasImmutabilityPolicy", "false")
                properties.element("HasLegalHold", "false")
            }
        }
    }

    /// 3 to 63 lower-case letters, digits and single hyphens.
    private static func checkName(_ name: String) throws(AzureError) {
        guard (3...63).contains(name.utf8.count) else {
            throw AzureError(
                400, "OutOfRangeInput", "The specified resource name length is not within the permissible limits.")
        }
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isPlain, name.first != "-", name.last != "-", !name.contains("--") else {
            throw AzureError(400, "InvalidResourceName", "The specified resource name contains invalid characters.")
        }
    }
}
