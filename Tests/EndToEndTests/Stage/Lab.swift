import Foundation
import Testing

/// A simulated Prism with its clusters, on loopback addresses of its own.
final class Lab: Sendable {
    let place: Workplace
    private let simulator: RunningProgram
    private let endpoints: Endpoints

    /// What the simulator writes once it answers.
    private struct Endpoints: Decodable, Sendable {
        struct Endpoint: Decodable, Sendable {
            let url: String
            let fingerprint: String
        }

        struct Cluster: Decodable, Sendable {
            let prismElement: Endpoint
        }

        let prismCentral: Endpoint
        let certificates: String
        let clusters: [Cluster]
    }

    static let user = "admin"
    static let password = "lab/4u-Secret"

    /// Runs a lab for as long as `body` does; a few run at a time.
    ///
    /// - Parameters:
    ///   - name: of the workplace's folder.
    ///   - vms: the lab file's list of VMs, indented by two.
    ///   - settings: the lab file's `settings`, on one line.
    static func use(
        _ name: String, vms: String, settings: String = "{}", _ body: (Lab) async throws -> Void
    ) async throws {
        let block = await LabSlots.shared.take()
        do {
            let lab = try await Lab(block, vms, settings, in: Workplace(name))
            do {
                try await body(lab)
            } catch {
                try? await lab.stop()
                throw error
            }
            try await lab.stop()
        } catch {
            await LabSlots.shared.giveBack()
            throw error
        }
        await LabSlots.shared.giveBack()
    }

    private init(_ block: String, _ vms: String, _ settings: String, in place: Workplace) async throws {
        self.place = place
        let ready = place.file("ready.json")
        let lab = try place.write("lab.yaml", Self.description(block, vms, settings))
        simulator = try Program.simulator.start(
            ["run", "--cluster", lab, "--state", place.file("lab"), "--ready-file", ready], in: place.path)
        while !FileManager.default.fileExists(atPath: ready) {
            guard simulator.isRunning else { throw StageError("the simulator ended\n\(simulator.printed)") }
            try await Task.sleep(for: .milliseconds(50))
        }
        endpoints = try JSONDecoder().decode(Endpoints.self, from: Data(contentsOf: URL(filePath: ready)))
    }

    private static func description(_ block: String, _ vms: String, _ settings: String) -> String {
        """
        users: [{ name: \(user), password: "\(password)" }]
        prismCentral: { address: \(block).1 }
        clusters:
          - name: prod
            address: \(block).2
            dataServices: \(block).3
            controllerVM: \(block).4
            containers: [{ name: default }, { name: fast }]
        subnets: [{ name: servers, cluster: prod, vlan: 10 }, { name: test, cluster: prod, vlan: 20 }]
        categories: [{ key: Env, value: prod }]
        images: [{ name: install.iso, cluster: prod, size: 1MiB }]
        vms:
        \(vms)
        settings: \(settings)
        """
    }

    /// Ends the simulator and waits for it.
    private func stop() async throws {
        simulator.interrupt()
        let finished = try await simulator.finished(within: .seconds(20))
        guard finished.status == 0 else { throw StageError("the simulator did not end well\n\(finished)") }
    }

    /// The `sources` block for a proxy; the password comes from the environment variable PRISM_PASSWORD.
    func source(fingerprint: String? = nil, more: String = "") -> String {
        let pins = endpoints.clusters.map { "\"sha256:\($0.prismElement.fingerprint)\"" }.joined(separator: ", ")
        let pin = fingerprint ?? endpoints.prismCentral.fingerprint
        return """
              prism:
                type: ahv
                endpoint: \(endpoints.prismCentral.url)
                username: \(Self.user)
                password: env:PRISM_PASSWORD
                requestsPerSecond: 1000
                tls: { fingerprint: "sha256:\(pin)", elementFingerprints: [\(pins)] }
            \(more)
            """
    }

    /// A proxy with an empty repository that backs this lab up.
    func proxy(more: String = "", on target: TargetStage? = nil) async throws -> Proxy {
        var proxy = try Proxy(place, sources: source(more: more), on: target)
        proxy.environment["PRISM_PASSWORD"] = Self.password
        try await proxy.run("repository", "init")
        return proxy
    }

    // MARK: The paths that no Prism has

    func state() async throws -> LabState { try await call("GET", "state").document() }

    /// Sets one fault, or makes an event happen.
    func fault(_ json: String) async throws { _ = try await call("POST", "faults", body: json) }

    func clearFaults() async throws { _ = try await call("DELETE", "faults") }

    func grow(_ vm: String, _ disk: String, to size: Int) async throws {
        _ = try await call("POST", "vms/\(vm)/disks/\(disk)/grow?size=\(size)")
    }

    /// How often each operation was called.
    func calls() async throws -> [String: Int] { try await call("GET", "calls").document() }

    private func call(_ method: String, _ path: String, body: String? = nil) async throws -> Finished {
        var arguments = [
            "--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--cacert", endpoints.certificates,
            "--user", "\(Self.user):\(Self.password)",
            "--request", method, "\(endpoints.prismCentral.url)/simulator/\(path)",
        ]
        if let body { arguments += ["--header", "Content-Type: application/json", "--data", body] }
        let finished = try await Program(path: "/usr/bin/curl").run(arguments, in: place.path)
        guard finished.status == 0 else { throw StageError("\(finished)") }
        return finished
    }
}
