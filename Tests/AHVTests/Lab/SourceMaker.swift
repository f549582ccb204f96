import Engine
import Logging

@testable import AHV

/// Makes sources over a lab.
struct SourceMaker: Sendable {
    static let proxy = "proxy-1"

    let lab: SimulatedLab

    /// - Parameters:
    ///   - changes: keys set to other values, or with nil left out.
    ///   - isImpatient: gives up after a few quick repetitions.
    func make(
        _ changes: [String: Setting.Shape?] = [:], proxy: String = SourceMaker.proxy, isImpatient: Bool = false
    ) throws -> AHVSource {
        var configuration = try configuration(changes, proxy: proxy)
        configuration.limits.machineListsPerSecond = 1000
        if isImpatient {
            configuration.limits.repetitions = 3
            configuration.limits.firstPause = .milliseconds(5)
        }
        return AHVSource(configuration)
    }

    func configuration(
        _ changes: [String: Setting.Shape?] = [:], proxy: String = SourceMaker.proxy
    ) throws -> AHVConfiguration {
        var keys: [String: Setting.Shape] = [
            "endpoint": .scalar(lab.central), "username": .scalar(SimulatedLab.user),
            "password": .scalar("env:PASSWORD"),
            "tls": Self.tls(lab.fingerprint, lab.elementFingerprints), "taskTimeoutSeconds": .scalar("60"),
            "requestsPerSecond": .scalar("1000"),
        ]
        for (key, value) in changes { keys[key] = value }
        let block = Setting(Self.map(keys), at: "test.yaml:1:1")
        var logger = Logger(label: "source")
        logger.handler = SwiftLogNoOpLogHandler()
        let context = PluginContext(
            logger: logger, proxyID: proxy,
            environment: { name in
                ["PASSWORD": SimulatedLab.password, "WRONG": "not-the-password", "KEY": "lab-key-1"][name]
            })
        return try AHVConfiguration(AHVSettings.decode(block), in: context)
    }

    /// A source that is open.
    func open(_ changes: [String: Setting.Shape?] = [:], isImpatient: Bool = false) async throws -> AHVSource {
        let source = try make(changes, isImpatient: isImpatient)
        try await source.open()
        return source
    }

    static func tls(_ fingerprint: String, _ elements: [String]) -> Setting.Shape {
        map([
            "fingerprint": .scalar(fingerprint),
            "elementFingerprints": .list(elements.map { Setting(.scalar($0), at: "test.yaml:2:1") }),
        ])
    }

    static func map(_ keys: [String: Setting.Shape]) -> Setting.Shape {
        .map(
            keys.sorted { $0.key < $1.key }.map { key, value in
                Setting.Entry(key: key, place: "test.yaml:1:1", value: Setting(value, at: "test.yaml:1:1"))
            })
    }
}
