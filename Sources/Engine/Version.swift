/// Name and version of this program, as written into manifests and printed by `--version`.
package enum Version {
    package static let number = "0.1.0"
    package static let text = "AHVault \(number)"
}
