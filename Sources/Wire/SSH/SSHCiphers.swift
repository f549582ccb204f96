import CSSH2

/// What ciphers are asked for, fastest first.
enum SSHCiphers {
    private static let ciphers = [
        "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr", "aes192-ctr",
    ]
    private static let codes = [
        "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1",
    ]

    static let preferences: [(method: Int32, names: [String])] = [
        (LIBSSH2_METHOD_CRYPT_CS, ciphers), (LIBSSH2_METHOD_CRYPT_SC, ciphers),
        (LIBSSH2_METHOD_MAC_CS, codes), (LIBSSH2_METHOD_MAC_SC, codes),
    ]
}
