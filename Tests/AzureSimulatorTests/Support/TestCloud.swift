import AzureSimulator
import Foundation
import Testing

/// Requests to Azure Resource Manager of a running simulator.
struct TestCloud: Sendable {
    let azure: TestAzure
    let token: String

    static let subscription = CloudSettings().subscription
    static let group = "/subscriptions/\(subscription)/resourceGroups/vms"

    /// An answer with its JSON.
    struct Reply {
        let raw: RawAnswer
        let json: [String: Any]

        var status: Int { raw.status }
        var code: String? { (json["error"] as? [String: Any])?["code"] as? String }

        /// A text by the names on the way to it.
        func text(_ path: String...) -> String? { Self.find(json, path) as? String }

        func number(_ path: String...) -> Int? { Self.find(json, path) as? Int }

        private static func find(_ json: [String: Any], _ path: [String]) -> Any? {
            path.reduce(json as Any?) { ($0 as? [String: Any])?[$1] }
        }
    }

    /// Settings with an application that may do everything, and the resource group `vms`.
    static var settings: AzureSettings {
        var settings = AzureSettings()
        settings.principals = [.init(clientID: "app", secret: "s3cret")]
        settings.cloud.groups = ["vms": "westeurope"]
        // An operation ends when it has been asked for often enough, however slow the machine is.
        settings.cloud.operationSeconds = 3600
        return settings
    }

    /// Runs a body with a simulator of its own.
    static func run(_ settings: AzureSettings = settings, _ body: (TestCloud) async throws -> Void) async throws {
        try await TestAzure.run(settings) { azure in
            try await body(TestCloud(azure: azure, token: try await token(azure)))
        }
    }

    /// A token for Azure Resource Manager, or for another audience.
    static func token(
        _ azure: TestAzure, client: String = "app", audience: String = "https://management.azure.com",
        tenant: String = TestAzure.tenant
    ) async throws -> String {
        let form = AzureTokenTests.form(client, "s3cret", scope: "\(audience)/.default")
        return try AzureTokenTests.token(try await AzureTokenTests.request(azure, form, tenant: tenant))
    }

    /// One request.
    ///
    /// - Parameters:
    ///   - path: below the subscription's resource group `vms` unless it begins with a slash.
    ///   - body: JSON.
    func call(
        _ method: String, _ path: String, _ body: String = "", token other: String? = nil,
        version: String? = "2024-07-01"
    ) async throws -> Reply {
        var target = path.hasPrefix("/") ? path : "\(Self.group)/providers/Microsoft.\(path)"
        if let version { target += (target.contains("?") ? "&" : "?") + "api-version=\(version)" }
        var fields = ["authorization": "Bearer \(other ?? token)", "content-type": "application/json"]
        if method != "GET" { fields["content-length"] = "\(body.utf8.count)" }
        let raw = try await azure.send(method, target, fields, Array(body.utf8))
        let json = raw.body.isEmpty ? nil : try JSONSerialization.jsonObject(with: Data(raw.body)) as? [String: Any]
        return Reply(raw: raw, json: json ?? [:])
    }

    /// One request, and questions until its operation has ended.
    ///
    /// - Returns: the last state of the operation, or the answer when there is none.
    @discardableResult
    func done(_ method: String, _ path: String, _ body: String = "") async throws -> Reply {
        let first = try await call(method, path, body)
        guard first.status < 300 else { throw TestFailure(reason: first.raw.text) }
        guard let url = first.raw["azure-asyncoperation"] ?? first.raw["location"] else { return first }
        for _ in 0..<20 {
            let reply = try await call("GET", Self.path(of: url), version: nil)
            if reply.text("status") != "InProgress" && reply.status != 202 { return reply }
        }
        throw TestFailure(reason: "the operation does not end")
    }

    /// What a URL has behind the host.
    static func path(of url: String) -> String {
        "/" + url.split(separator: "/", maxSplits: 2).dropFirst(2).joined(separator: "/")
    }

    // MARK: Disks

    static func uploadBody(_ size: Int, _ more: String = "") -> String {
        """
        { "location": "westeurope", "properties": { "creationData": { "createOption": "Upload",
          "uploadSizeBytes": \(size) } \(more) } }
        """
    }

    /// The URL of a disk's bytes, without its host.
    func grant(_ disk: String, _ access: String, seconds: Int = 3600) async throws -> String {
        let body = "{ \"access\": \"\(access)\", \"durationInSeconds\": \(seconds) }"
        let reply = try await done("POST", "Compute/disks/\(disk)/beginGetAccess", body)
        guard let url = reply.text("properties", "output", "accessSAS") else {
            throw TestFailure(reason: reply.raw.text)
        }
        return Self.path(of: url)
    }

    /// Writes pages through the URL of a disk.
    func page(_ url: String, at start: Int, _ bytes: [UInt8], _ headers: [String: String] = [:]) async throws
        -> RawAnswer
    {
        let own = [
            "x-ms-version": "2021-12-02", "x-ms-page-write": "update", "content-length": "\(bytes.count)",
            "x-ms-range": "bytes=\(start)-\(start + bytes.count - 1)",
        ]
        return try await azure.send("PUT", url + "&comp=page", own.merging(headers) { $1 }, bytes)
    }

    /// A disk of 20 MiB whose upload has ended.
    func disk(_ name: String, _ more: String = "") async throws {
        try await done("PUT", "Compute/disks/\(name)", Self.uploadBody((20 << 20) + 512, more))
        let url = try await grant(name, "Write")
        let wrote = try await page(url, at: 20 << 20, Self.footer(20 << 20))
        guard wrote.status == 201 else { throw TestFailure(reason: wrote.text) }
        let ended = try await done("POST", "Compute/disks/\(name)/endGetAccess")
        guard ended.text("status") == "Succeeded" else { throw TestFailure(reason: ended.raw.text) }
    }

    /// The footer of a fixed VHD.
    static func footer(_ size: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 512)
        bytes.replaceSubrange(0..<8, with: Array("conectix".utf8))
        for index in 0..<8 { bytes[48 + index] = UInt8(truncatingIfNeeded: size >> (8 * (7 - index))) }
        bytes[63] = 2
        let sum = ~bytes.reduce(UInt32(0)) { $0 + UInt32($1) }
        for index in 0..<4 { bytes[64 + index] = UInt8(truncatingIfNeeded: sum >> (8 * (3 - UInt32(index)))) }
        return bytes
    }

    // MARK: Machines

    /// A network interface in a network that is made when it is not there.
    func interface(_ name: String) async throws {
        try await done(
            "PUT", "Network/virtualNetworks/net",
            """
            { "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": ["10.9.0.0/16"] },
              "subnets": [ { "name": "inner", "properties": { "addressPrefix": "10.9.1.0/24" } } ] } }
            """)
        let subnet = "\(Self.group)/providers/Microsoft.Network/virtualNetworks/net/subnets/inner"
        try await done(
            "PUT", "Network/networkInterfaces/\(name)",
            """
            { "location": "westeurope", "properties": { "ipConfigurations": [
              { "name": "first", "properties": { "subnet": { "id": "\(subnet)" } } } ] } }
            """)
    }

    static func machine(_ disk: String, _ interface: String, size: String = "Standard_D2s_v5") -> String {
        """
        { "location": "westeurope", "properties": { "hardwareProfile": { "vmSize": "\(size)" },
          "storageProfile": { "osDisk": { "createOption": "Attach", "osType": "Linux", "managedDisk": {
            "id": "\(group)/providers/Microsoft.Compute/disks/\(disk)" } } },
          "networkProfile": { "networkInterfaces": [
            { "id": "\(group)/providers/Microsoft.Network/networkInterfaces/\(interface)" } ] } } }
        """
    }
}
