import Crypto

/// Step one of changed regions, on Prism Central: which cluster to ask, and the token for it.
extension World {
    static let changedRegionRoutes: [Route] =
        [
            Route(
                "discoverCluster", "POST /dataprotection/config/recovery-points/{rp}/$actions/discover-cluster",
                "dataprotection.v4.config.ClusterInfoApiResponse dataprotection.v4.common.ClusterInfo",
                body: "dataprotection.v4.content.ClusterDiscoverSpec"
            ) { world, call in try world.discover(call) }
        ]
        + contentRoutes.map { route in
            // Prism Central knows the paths, but only a cluster can do the work.
            var route = route
            route.handler = { _, _ in
                throw APIError.message(501, "%-50100", "NOT_IMPLEMENTED", "Ask the cluster of the recovery point.")
            }
            route.body = nil
            return route
        }

    private func discover(_ call: APICall) throws -> Answer {
        let point = try find(.recoveryPoint, call["rp"])
        guard let spec = call.body["spec"] else { throw APIError.body("/spec", "is missing") }
        var claims: JSONValue = [:]
        if spec["$objectType"]?.string?.hasSuffix("GetVssMetadataClusterDiscoverSpec") == true {
            _ = try part(spec["vmRecoveryPointExtId"]?.string ?? "", of: point)
            claims["operation"] = "GET_VSS_METADATA"
        } else {
            guard call.body["operation"] == "COMPUTE_CHANGED_REGIONS" else {
                throw APIError.body("/operation", "does not fit the spec")
            }
            claims["operation"] = "COMPUTE_CHANGED_REGIONS"
            guard let disk = spec["diskRecoveryPoint"] else {
                throw APIError.body("/spec/diskRecoveryPoint", "is missing")
            }
            guard disk["recoveryPointExtId"]?.string == point.id else {
                throw APIError.body("/spec/diskRecoveryPoint/recoveryPointExtId", "is not the one of the path")
            }
            claims["disk"] = .string(try checkedDisk(disk))
            if let reference = spec["referenceDiskRecoveryPoint"] {
                claims["reference"] = .string(try checkedDisk(reference))
            }
        }
        let cluster = try find(.cluster, point.hidden["cluster"]?.string ?? "")
        let base = "/api/dataprotection/\(settings.contentVersion.rawValue)/content"
        let now = Timestamp.now()
        claims["scope"] = .string(base)
        claims["cluster"] = .string(cluster.id)
        claims["iat"] = .int(now.microseconds / 1_000_000)
        claims["made"] = .int(now.microseconds)
        claims["exp"] = .int(now.adding(seconds: settings.tokenSeconds).microseconds / 1_000_000)
        let address = cluster.body.at("network.externalAddress.ipv4.value")?.string ?? ""
        return .object(
            [
                "clusterIp": ["ipv4": ["value": .string(address), "prefixLength": 32]],
                "jwtToken": .string(sign(claims)),
            ],
            link: "https://\(address):9440\(base)/recovery-points/\(point.id)")
    }

    /// The frozen disk a reference names, after checking that all its parts belong together.
    private func checkedDisk(_ reference: JSONValue) throws(APIError) -> String {
        let point = try find(.recoveryPoint, reference["recoveryPointExtId"]?.string ?? "")
        let id = reference["diskRecoveryPointExtId"]?.string ?? ""
        let member = reference["vmRecoveryPointExtId"] == nil ? "volumeGroupRecoveryPoints" : "vmRecoveryPoints"
        let wanted = reference["vmRecoveryPointExtId"] ?? reference["volumeGroupRecoveryPointExtId"]
        let part = (point.body[member]?.elements ?? []).first { $0["extId"] == wanted }
        let holds = (part?["diskRecoveryPoints"]?.elements ?? []).contains {
            $0["diskRecoveryPointExtId"]?.string == id
        }
        guard holds, point.hidden["disks"]?[id] != nil else { throw .notFound("disk recovery point", id) }
        return id
    }

    // MARK: Tokens

    private func signature(_ text: String) -> String {
        let key = SymmetricKey(data: Array(signingKey.utf8))
        return Base64.encodeURL(Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)))
    }

    private func sign(_ claims: JSONValue) -> String {
        let header: JSONValue = ["alg": "HS256", "typ": "JWT"]
        let text = Base64.encodeURL(header.bytes) + "." + Base64.encodeURL(claims.bytes)
        return text + "." + signature(text)
    }

    /// The claims of a token that this estate signed and that still lives; nil otherwise.
    func claims(of token: String) -> JSONValue? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, signature("\(parts[0]).\(parts[1])") == parts[2],
            let bytes = Base64.decode(parts[1]), let claims = try? JSONValue.parse(bytes),
            let made = claims["made"]?.int, made >= sessions.notBefore.microseconds,
            let end = claims["exp"]?.int, end > Timestamp.now().microseconds / 1_000_000
        else { return nil }
        return claims
    }
}
