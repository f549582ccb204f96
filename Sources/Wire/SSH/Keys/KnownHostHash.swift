import CSSH2

/// A hidden name of a known_hosts file: `|1|salt|HMAC-SHA1 of the name under the salt`.
struct KnownHostHash {
    private let salt: [UInt8]
    private let hash: [UInt8]

    init?(_ text: String) {
        let parts = text.split(separator: "|")
        guard parts.count == 3, parts[0] == "1", let salt = Base64.bytes(of: parts[1]),
            let hash = Base64.bytes(of: parts[2]), salt.count == 20, hash.count == 20
        else { return nil }
        self.salt = salt
        self.hash = hash
    }

    func hides(_ name: String) -> Bool {
        var found = [UInt8](repeating: 0, count: 20)
        let letters = Array(name.utf8)
        guard cssh2_hmac_sha1(salt, Int32(salt.count), letters, letters.count, &found) != 0 else { return false }
        return found == hash
    }
}
