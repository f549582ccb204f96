import Engine
import Glibc
import Targets
import Testing

@Suite(
    "Who may log in by sftp with a password",
    .enabled(if: SSHServer.canHavePasswords, "a server with a password of its own needs root"))
struct SFTPPasswordTests {
    private static let password = "s3cret-s3cret"

    /// How a server asks for a password.
    enum Dialogue: String, CaseIterable, Sendable {
        case password
        /// By PAM, as many servers are set up.
        case keyboardInteractive

        var lines: [String] {
            let takesPassword = self == .password ? "yes" : "no"
            let asks = self == .keyboardInteractive ? "yes" : "no"
            return [
                "PermitRootLogin yes", "PubkeyAuthentication no", "UsePAM \(asks)",
                "PasswordAuthentication \(takesPassword)", "KbdInteractiveAuthentication \(asks)",
            ]
        }
    }

    @Test("the right password opens the door, a wrong one does not and is in no message", arguments: Dialogue.allCases)
    func passwords(dialogue: Dialogue) async throws {
        let server = try await SSHServer(lines: dialogue.lines, password: Self.password)
        let right = ["keyFile": "", "password": Self.password]
        #expect(try await server.refusal(right) == nil)
        let target = try server.target(right)
        try await onBlocking {
            try await target.open()
            try await target.put(ObjectKey("kept"), Buffer([1, 2, 3]))
            await target.close()
        }
        let wrong = try await server.refusal(["keyFile": "", "password": "wr0ng-wr0ng"])
        #expect(wrong?.kind == .denied)
        #expect(wrong?.message.contains("password") == true)
        #expect(wrong?.message.contains("wr0ng") == false)
    }
}
