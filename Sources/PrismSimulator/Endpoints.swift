extension PrismSimulator.Endpoints {
    /// The endpoints as JSON.
    package var json: JSONValue {
        [
            "prismCentral": Self.json(central), "certificates": .string(authorities),
            "clusters": .array(
                clusters.map { cluster in
                    [
                        "name": .string(cluster.name), "extId": .string(cluster.extId),
                        "prismElement": Self.json(cluster.element), "dataServices": .optional(cluster.dataServices),
                    ]
                }),
        ]
    }

    private static func json(_ endpoint: Endpoint) -> JSONValue {
        [
            "url": .string(endpoint.url), "address": .string(endpoint.address), "port": .int(endpoint.port),
            "fingerprint": .string(endpoint.fingerprint), "certificate": .string(endpoint.certificate),
        ]
    }

    /// The endpoints for people.
    package var text: String {
        var lines = [
            "Prism Central  \(central.url)", "  fingerprint  sha256:\(central.fingerprint)",
            "  certificate  \(central.certificate)",
        ]
        for cluster in clusters {
            lines.append("Cluster \(cluster.name)  \(cluster.extId)")
            lines.append("  Prism Element  \(cluster.element.url)")
            lines.append("  fingerprint    sha256:\(cluster.element.fingerprint)")
            lines.append("  certificate    \(cluster.element.certificate)")
            lines.append("  data services  \(cluster.dataServices ?? "not set")")
        }
        lines.append("All certificates  \(authorities)")
        return lines.joined(separator: "\n")
    }

    /// Writes the endpoints as JSON; the file is whole as soon as it is there.
    ///
    /// - Throws: an error that names the file.
    package func write(to path: String) throws { try StateFile(path: path).save(json.bytes + [0x0A]) }
}
