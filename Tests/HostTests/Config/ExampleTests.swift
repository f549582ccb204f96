import Engine
import Foundation
import Logging
import Testing

@testable import HostKit

@Suite("Example configurations")
struct ExampleTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "examples")

    static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".yaml") }.sorted()

    @Test("there are examples")
    func some() {
        #expect(Self.files.contains("ahvault.yaml"))
        #expect(Self.files.count >= 2)
    }

    @Test("every example is a valid configuration without a warning", arguments: files)
    func valid(file: String) throws {
        let read = try ConfigFile.read(Self.folder.appending(path: file).path)
        let configuration = try HostConfiguration(read) { ["HOME": "/home/test"][$0] }
        let context = PluginContext(
            logger: Logger(label: "test"), baseDirectory: read.folder, cacheDirectory: configuration.cache.path,
            proxyID: configuration.proxy.name)
        try configuration.check(with: .builtin, in: context)
        #expect(configuration.warnings(with: .builtin) == [])
        #expect(!configuration.jobs.entries.isEmpty)
    }
}
