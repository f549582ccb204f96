/// With what a repository is opened.
package enum KeyChoice: Sendable {
    /// The repository is configured without encryption; one that is encrypted is refused.
    case plain
    /// The repository is configured with a passphrase; one that is not encrypted is refused.
    case passphrase(Passphrase)
    /// Any repository, without its keys: of an encrypted one only names, sizes and checksums can be used.
    case none
}
