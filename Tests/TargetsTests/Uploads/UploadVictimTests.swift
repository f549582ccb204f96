import Engine
import EngineContracts
import Foundation
import Glibc
import Logging
import Targets
import Testing

/// What a process does that `KilledUploadTests` kills: this very program, started again for one test.
@Suite(
    "The upload of a process that is killed", .enabled(if: getenv(KilledUploadTests.variable) != nil, "others start it")
)
struct UploadVictimTests {
    @Test("it appends, says so, and waits")
    func victim() async throws {
        let lines = try #require(ProcessInfo.processInfo.environment[KilledUploadTests.variable]).split(separator: "\n")
        let entries = lines.dropFirst().map { line in
            let sides = line.split(separator: "=", maxSplits: 1).map(String.init)
            return Setting.Entry(key: sides[0], place: "test:1:1", value: Setting(.scalar(sides[1]), at: "test:1:1"))
        }
        let context = PluginContext(
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), baseDirectory: "/")
        let choice = PluginChoice(type: String(lines[0]), settings: Setting(.map(entries), at: "test:1:1"))
        let target = try Registry<any Target>.builtin.make(choice, in: context)
        try await onBlocking {
            try await target.open()
            let upload = try await target.begin(ObjectKey("exports/killed"))
            let bytes = Buffer(SampleBytes.random(1 << 20, seed: 1))
            for _ in 0..<24 { try await upload.append(bytes, 0..<bytes.count) }
            FileHandle.standardOutput.write(Data("\nappended\n".utf8))
            try await Task.sleep(for: .seconds(300))
            await upload.abandon()
        }
    }
}
