import AzureSimulator
import Crypto
import FoundationEssentials

/// Shared access signatures of the account, made by the documentation.
enum TestSignature {
    /// The address of the container `vhds`, or of a blob in it, signed.
    static func container(_ lab: AzureLab, _ blob: String = "", permissions: String = "rwcd") -> String {
        let account = AzureSettings.Account.development
        let expiry = "2099-01-01T00:00:00Z"
        let fields = [account.name, permissions, "b", "co", "", expiry, "", "", "2021-12-02", "", ""]
        let key = SymmetricKey(data: Data(base64Encoded: account.keys[0]) ?? Data())
        let code = HMAC<SHA256>.authenticationCode(for: Array(fields.joined(separator: "\n").utf8), using: key)
        let signature = Data(code).base64EncodedString()
            .replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        return "\(lab.origin)/\(account.name)/vhds\(blob)?sv=2021-12-02&ss=b&srt=co&sp=\(permissions)"
            + "&se=2099-01-01T00%3A00%3A00Z&sig=\(signature)"
    }
}
