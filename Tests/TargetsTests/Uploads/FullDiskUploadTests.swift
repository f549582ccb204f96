import Engine
import EngineContracts
import Glibc
import Targets
import Testing

@Suite(
    "Uploads to a full disk",
    .enabled(if: SSHServer.isThere && geteuid() == 0, "mounting needs root, and openssh-server"),
    .serialized)
struct FullDiskUploadTests {
    private let bytes = SampleBytes.random(20 << 20, seed: 14)

    private func expectNoSpace(_ target: any Target, _ folder: @Sendable () -> [String]) async throws {
        try await onBlocking {
            try await target.open()
            try await target.put(ObjectKey("data/first"), Buffer([1, 2, 3]))
            let upload = try await target.begin(ObjectKey("exports/disk"))
            let error = await #expect(throws: EngineError.self) {
                try await upload.append(bytes, by: 1 << 20)
                try await upload.finish()
            }
            #expect(error?.kind == .noSpace && error?.isRetryable == false)
            #expect(error?.message.contains("free some space") == true)
            await upload.abandon()
            #expect(try await target.list(prefix: "").map(\.key.text) == ["data/first"])
            #expect(folder().isEmpty)
            await target.close()
        }
    }

    @Test("local: it is `noSpace`, and giving up removes what the upload wrote")
    func local() async throws {
        let place = try TemporaryPlace()
        let disk = try MountedDisk(at: place.path + "/disk", options: "size=12m")
        try await expectNoSpace(try place.target("disk/repository")) { place.names(in: "disk/repository/.tmp") }
        disk.unmount()
    }

    @Test("sftp: the same")
    func sftp() async throws {
        let server = try await SSHServer()
        let disk = try MountedDisk(at: server.place.path + "/disk", options: "size=12m")
        try await expectNoSpace(try server.target(["path": server.place.path + "/disk/repository"])) {
            server.place.names(in: "disk/repository/.tmp")
        }
        disk.unmount()
    }
}
