import CSSH2
import Glibc

/// Logs in with one key of an agent.
///
/// libssh2 up to 1.10 names an RSA key's algorithm only by the type within the key, `ssh-rsa`, which stands for SHA-1,
/// and current servers refuse that. The key is shown under the name of its algorithm instead, `rsa-sha2-256`, which
/// OpenSSH reads as the same key (RFC 8332, section 3).
final class AgentSigner {
    private let agent: SSHAgent
    private let key: SSHHostKey
    private let shown: [UInt8]

    private static let rsaWithSHA256: UInt32 = 2

    init(agent: SSHAgent, key: SSHHostKey) {
        self.agent = agent
        self.key = key
        shown = key.type == "ssh-rsa" ? Self.renamed(key, "rsa-sha2-256") : key.blob
    }

    /// What libssh2 returned; to be repeated as it says.
    func logIn(_ session: OpaquePointer, _ user: String) -> Int32 {
        var this: UnsafeMutableRawPointer? = Unmanaged.passUnretained(self).toOpaque()
        return libssh2_userauth_publickey(session, user, shown, shown.count, signByAgent, &this)
    }

    private static func renamed(_ key: SSHHostKey, _ type: String) -> [UInt8] {
        var writer = WireWriter()
        writer.append(Array(type.utf8))
        return writer.bytes + key.blob.dropFirst(4 + key.type.utf8.count)
    }

    /// The signature in memory that libssh2 frees; nil when the agent gives none.
    fileprivate func signature(of data: UnsafeRawBufferPointer) -> UnsafeMutableBufferPointer<UInt8>? {
        let flags = key.type == "ssh-rsa" ? Self.rsaWithSHA256 : 0
        guard let bytes = try? agent.sign(data, with: key, flags: flags), !bytes.isEmpty,
            let memory = malloc(bytes.count)
        else { return nil }
        memcpy(memory, bytes, bytes.count)
        return UnsafeMutableBufferPointer(
            start: memory.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }
}

private func signByAgent(
    _ session: OpaquePointer?, _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<Int>?, _ data: UnsafePointer<UInt8>?, _ count: Int,
    _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    guard let this = abstract?.pointee else { return -1 }
    let signer = Unmanaged<AgentSigner>.fromOpaque(this).takeUnretainedValue()
    guard let made = signer.signature(of: UnsafeRawBufferPointer(start: data, count: count)) else { return -1 }
    signature?.pointee = made.baseAddress
    length?.pointee = made.count
    return 0
}
