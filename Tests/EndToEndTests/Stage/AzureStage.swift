import Foundation
import Testing

/// A simulated Azure with a resource group, and questions to it that do not go through our client.
final class AzureStage: Sendable {
    static let secret = "n0t-for-any+l0g&anywhere"
    static let subscription = "22222222-3333-4444-5555-666666666666"
    static let tenant = "11111111-2222-3333-4444-555555555555"
    static let group = "restored"

    private let server: ServerProgram
    private let place: Workplace
    private let origin: String
    private let token: String

    private struct Ready: Decodable {
        let port: Int
    }

    private struct Token: Decodable {
        let access_token: String
    }

    struct Resource: Decodable, Sendable {
        let id: String
        let name: String
        let tags: [String: String]?
    }

    private struct List: Decodable {
        let value: [Resource]
    }

    /// An answer of Azure.
    private struct Answer {
        let status: Int
        let headers: [String: String]
        let body: Data
    }

    /// - Parameter more: words for the simulator.
    static func start(in place: Workplace, more: [String] = []) async throws -> AzureStage {
        let ready = place.file("azure.json")
        let server = try ServerProgram(
            [
                Program.azureSimulator.path, "run", "--port", "0", "--secret", "app=\(secret)", "--group",
                "\(group)=westeurope", "--container", "vhds", "--retry-after", "0", "--polls", "1", "--bodies",
                place.path, "--ready-file", ready,
            ] + more, in: place)
        try await server.ready { FileManager.default.fileExists(atPath: ready) }
        let port = try JSONDecoder().decode(Ready.self, from: Data(contentsOf: URL(filePath: ready))).port
        let origin = "http://127.0.0.1:\(port)"
        let form = "grant_type=client_credentials&client_id=app&scope=https://management.azure.com/.default"
        let answer = try await Program(path: "/usr/bin/curl").run(
            [
                "--silent", "--noproxy", "*", "--data", form, "--data-urlencode", "client_secret=\(secret)",
                "\(origin)/\(tenant)/oauth2/v2.0/token",
            ], in: place.path)
        let token = try JSONDecoder().decode(Token.self, from: Data(answer.output.utf8)).access_token
        return AzureStage(server: server, place: place, origin: origin, token: token)
    }

    private init(server: ServerProgram, place: Workplace, origin: String, token: String) {
        self.server = server
        self.place = place
        self.origin = origin
        self.token = token
    }

    /// The section `azure` of a configuration, whose secret is in `AZURE_SECRET`.
    var configuration: String {
        """
        azure:
          cloud:
            subscription: \(Self.subscription)
            tenant: \(Self.tenant)
            resourceGroup: \(Self.group)
            location: westeurope
            management: "\(origin)"
            authority: "\(origin)"
            signIn: { clientSecret: { clientId: app, secret: "env:AZURE_SECRET" } }
            network: { virtualNetwork: net, subnet: inner, create: true }
        """
    }

    /// Everything that is in the resource group, without the accounts of storage.
    func resources() async throws -> [Resource] {
        let answer = try await call("GET", "/subscriptions/\(Self.subscription)/resources?api-version=2021-04-01")
        try #require(answer.status == 200)
        return try JSONDecoder().decode(List.self, from: answer.body).value.filter {
            !$0.id.contains("/storageAccounts/")
        }
    }

    /// Brings the bytes of a managed disk into a file, footer and all.
    func download(disk name: String, to file: String) async throws {
        let address = try await address(ofDisk: name)
        let finished = try await Program(path: "/usr/bin/curl").run(
            ["--silent", "--fail", "--noproxy", "*", "--output", file, address], in: place.path)
        try #require(finished.status == 0, "\(finished)")
    }

    /// Where the bytes of a managed disk can be read for an hour.
    func address(ofDisk name: String) async throws -> String {
        let path =
            "/subscriptions/\(Self.subscription)/resourceGroups/\(Self.group)/providers/Microsoft.Compute/disks/\(name)"
        var answer = try await call(
            "POST", path + "/beginGetAccess?api-version=2024-03-02",
            body: #"{"access":"Read","durationInSeconds":3600,"fileFormat":"VHD"}"#)
        let location = answer.headers["location"] ?? ""
        for _ in 0..<100 where answer.status == 202 {
            answer = try await call("GET", String(location.dropFirst(origin.count)))
        }
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        let body = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        return try #require(body?["accessSAS"] as? String)
    }

    private func call(_ method: String, _ path: String, body: String? = nil) async throws -> Answer {
        var words = [
            "--silent", "--include", "--noproxy", "*", "--request", method, "--header",
            "Authorization: Bearer \(token)", "--header", "Content-Type: application/json",
        ]
        if method != "GET" { words += ["--data", body ?? ""] }
        let finished = try await Program(path: "/usr/bin/curl").run(words + [origin + path], in: place.path)
        let parts = finished.output.components(separatedBy: "\r\n\r\n")
        let lines = (parts.first ?? "").components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard halves.count == 2 else { continue }
            headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
        }
        return Answer(
            status: Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0, headers: headers,
            body: Data(parts.dropFirst().joined(separator: "\r\n\r\n").utf8))
    }
}
