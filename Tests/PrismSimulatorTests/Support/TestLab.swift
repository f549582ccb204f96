import Foundation
import Logging
import Synchronization

@testable import PrismSimulator

/// Blocks of loopback addresses that no other test of this process uses.
private let nextBlock = Mutex(Int.random(in: 1...200) * 256)

/// A running simulator with a small estate, and calls to it over HTTPS.
final class TestLab: Sendable {
    let folder: TestFolder
    let simulator: PrismSimulator
    let block: String
    let lab: LabDescription

    static let estate = """
        users: [{ name: admin, password: "test/4u-Secret", apiKey: "test-key" }]
        clusters:
          - name: prod
            address: 127.0.0.2
            dataServices: 127.0.0.3
            controllerVM: 127.0.0.4
            containers: [{ name: default }]
          - { name: other, address: 127.0.0.12, dataServices: 127.0.0.13, containers: [{ name: default }] }
        subnets: [{ name: lan, cluster: prod }]
        categories: [{ key: Env, value: prod }]
        vms:
          - name: web
            cluster: prod
            boot: uefi
            disks: [{ bus: scsi, index: 0, size: 16MiB }, { bus: sata, index: 1, size: 1000448 }]
            nics: [{ subnet: lan }]
          - { name: idle, cluster: prod, power: false, disks: [{ size: 1MiB }] }
        """

    private init(folder: TestFolder, simulator: PrismSimulator, block: String, lab: LabDescription) {
        self.folder = folder
        self.simulator = simulator
        self.block = block
        self.lab = lab
    }

    /// Starts a simulator; with `continuing`, on the folder and addresses of one that was stopped.
    static func start(settings: String = "{}", faults: String = "[]", continuing: TestLab? = nil) async throws
        -> TestLab
    {
        let folder = try continuing?.folder ?? TestFolder()
        let number = nextBlock.withLock { next in
            next += 1
            return next
        }
        let block = continuing?.block ?? "127.\(30 + number / 256 % 200).\(number % 256)"
        let text = estate + "\nsettings: \(settings)\nfaults: \(faults)\n"
        let lab = try LabDescription.parse(text, folder: folder.path).moved(to: block)
        var log = Logger(label: "test")
        log.logLevel = .critical
        let simulator = try await PrismSimulator.start(lab: lab, folder: folder.path + "/state", log: log)
        return TestLab(folder: folder, simulator: simulator, block: block, lab: lab)
    }

    /// Runs a body with a simulator of its own.
    static func run(
        settings: String = "{}", faults: String = "[]", _ body: (TestLab) async throws -> Void
    ) async throws {
        let lab = try await start(settings: settings, faults: faults)
        do {
            try await body(lab)
        } catch {
            await lab.simulator.stop()
            throw error
        }
        await lab.simulator.stop()
    }

    // MARK: Calls

    /// One call to Prism Central, straight to what answers behind the TLS server.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, headers: [String: String] = [:],
        cookies: [(name: String, value: String)] = [], signedIn: Bool = true
    ) async -> WebResponse {
        await simulator.world.respond(toCentral: request(method, path, body, headers, cookies, signedIn))
    }

    /// One call to the Prism Element of the cluster `prod`.
    func element(
        _ path: String, _ body: JSONValue, cookies: [(name: String, value: String)], headers: [String: String] = [:]
    ) async -> WebResponse {
        await simulator.world.respond(
            toElement: Identity.named("cluster/prod"), request("POST", path, body, headers, cookies, false))
    }

    private func request(
        _ method: String, _ path: String, _ body: JSONValue?, _ headers: [String: String],
        _ cookies: [(name: String, value: String)], _ signedIn: Bool
    ) -> WebRequest {
        let halves = path.split(separator: "?", maxSplits: 1)
        var fields = ["ntnx-request-id": UUID().uuidString]
        if signedIn { fields["authorization"] = "Basic " + Data("admin:test/4u-Secret".utf8).base64EncodedString() }
        for (name, value) in headers { fields[name.lowercased()] = value }
        return WebRequest(
            method: method, rawPath: String(halves[0]), path: halves[0].split(separator: "/").map(String.init),
            query: halves.count > 1 ? WebRequest.query(halves[1]) : [:], headers: fields, cookies: cookies,
            body: body?.bytes ?? [], origin: "https://pc")
    }

    func data(_ path: String) async throws -> JSONValue { try await call("GET", path).json["data"] ?? .null }

    func etag(_ path: String) async -> [String: String] { ["if-match": await call("GET", path)["ETag"] ?? ""] }

    /// Polls the task of a 202 answer to its end.
    func task(_ response: WebResponse) async throws -> JSONValue {
        guard response.status == 202, let id = try response.json.at("data.extId")?.string else {
            throw TestFailure(reason: "no task: \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        }
        for _ in 0..<2000 {
            let task = try await data("/api/prism/v4.0/config/tasks/\(id)")
            if ["SUCCEEDED", "FAILED", "CANCELED"].contains(task["status"]?.string) { return task }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw TestFailure(reason: "the task does not end")
    }

    /// The VM of that name.
    func machine(_ name: String) async throws -> JSONValue {
        try await data("/api/vmm/v4.0/ahv/config/vms?$filter=name eq '\(name)'")[0] ?? .null
    }

    /// Makes a recovery point of a VM.
    func protect(_ name: String, expires: String = "2100-01-01T00:00:00Z") async throws -> Protected {
        let vm = try await machine(name)["extId"] ?? .null
        let task = try await task(
            await call(
                "POST", "/api/dataprotection/v4.0/config/recovery-points",
                ["name": "rp", "expirationTime": .string(expires), "vmRecoveryPoints": [["vmExtId": vm]]]))
        let point = task["completionDetails"]?[0]?["value"]?.string ?? ""
        let path = "/api/dataprotection/v4.0/config/recovery-points/\(point)"
        let part = try await data(path).at("vmRecoveryPoints")?[0]?["extId"]?.string ?? ""
        let disks = try await data("\(path)/vm-recovery-points/\(part)")["diskRecoveryPoints"]?.elements ?? []
        return Protected(
            point: point, part: part,
            disks: disks.filter { $0["diskExtId"] != nil }.compactMap { $0["diskRecoveryPointExtId"]?.string })
    }
}

/// The ids of a recovery point of one VM.
struct Protected: Sendable {
    var point: String
    var part: String
    var disks: [String]
}

struct TestFailure: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
}

extension WebResponse {
    var json: JSONValue { get throws { body.isEmpty ? .null : try JSONValue.parse(body) } }

    subscript(_ header: String) -> String? { headers.first { $0.name == header }?.value }

    /// The application message of an error.
    func message(_ member: String) throws -> String? { try json.at("data.error")?[0]?[member]?.string }
}
