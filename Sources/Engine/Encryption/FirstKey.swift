/// The first key of a new encrypted repository.
package struct FirstKey: Sendable {
    package let passphrase: Passphrase
    package let label: String
    package let cost: KeyDerivation.Cost

    package init(_ passphrase: Passphrase, label: String = "", cost: KeyDerivation.Cost = .usual) {
        self.passphrase = passphrase
        self.label = label
        self.cost = cost
    }
}
