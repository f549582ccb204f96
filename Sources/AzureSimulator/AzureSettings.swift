/// What a simulated Azure is to be like.
package struct AzureSettings: Sendable {
    /// A storage account.
    package struct Account: Sendable {
        /// 3 to 24 lower-case letters and digits.
        package var name: String
        /// Base64; each of them is valid.
        package var keys: [String]
        /// The region it is in.
        package var location: String

        package init(name: String, keys: [String], location: String = "westeurope") {
            self.name = name
            self.keys = keys
            self.location = location
        }

        /// The account that every emulator of Azure has, with its well-known key.
        package static let development = Account(
            name: "devstoreaccount1",
            keys: ["Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="])
    }

    /// What a principal may do with the data of all accounts.
    package enum Role: String, Sendable, CaseIterable {
        /// Storage Blob Data Contributor.
        case contributor
        /// Storage Blob Data Reader.
        case reader
        /// Owner of the account, which is no access to its data.
        case none
    }

    /// An application of the directory that signs in with a secret or a certificate, or a managed identity.
    package struct Principal: Sendable {
        package var clientID: String
        /// nil for one that signs in with a certificate, and for a managed identity.
        package var secret: String?
        /// PEM, of an RSA key; nil for one that signs in with a secret, and for a managed identity.
        package var certificate: String?
        package var role: Role
        /// What it may do with the resources of the subscription: actions such as `Microsoft.Compute/disks/write`, in
        /// which `*` stands for any run of characters.
        package var actions: [String]
        /// Where it may: an id such as that of a resource group. nil is everywhere.
        package var scope: String?

        package init(
            clientID: String, secret: String?, certificate: String? = nil, role: Role = .contributor,
            actions: [String] = ["*"], scope: String? = nil
        ) {
            self.clientID = clientID
            self.secret = secret
            self.certificate = certificate
            self.role = role
            self.actions = actions
            self.scope = scope
        }

        var isIdentity: Bool { secret == nil && certificate == nil }
    }

    package var accounts: [Account]
    /// Containers that every account has from the start.
    package var containers: [String] = []
    /// The directory's id.
    package var tenant = "11111111-2222-3333-4444-555555555555"
    /// Other directories that issue tokens to the same principals, and that the subscription does not trust.
    package var foreignTenants: [String] = []
    package var principals: [Principal] = []
    /// The subscription.
    package var cloud = CloudSettings()
    /// The port for plain HTTP; 0 takes a free one.
    package var port = 0
    /// Whether HTTPS is served too, on a port of its own, with a certificate made at start.
    package var servesTLS = false
    /// The port for HTTPS; 0 takes a free one.
    package var tlsPort = 0
    /// Seconds a token is valid.
    package var tokenSeconds = 3599
    /// A folder for the bodies of blobs; nil keeps them in memory. They are gone when the simulator stops.
    package var folder: String?

    package init(accounts: [Account] = [.development]) { self.accounts = accounts }

    /// - Throws: `AzureSettingsError` that says what is wrong.
    func check() throws(AzureSettingsError) {
        for account in accounts {
            let isName = account.name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
            guard isName, (3...24).contains(account.name.count), !["metadata", "subscriptions"].contains(account.name)
            else {
                throw AzureSettingsError(reason: "\(account.name) is no name of an account")
            }
            for name in containers {
                guard (try? Store.checkName(name)) != nil else {
                    throw AzureSettingsError(reason: "\(name) is no name of a container")
                }
            }
            guard account.keys.allSatisfy({ Base64.decode($0)?.isEmpty == false }) else {
                throw AzureSettingsError(reason: "a key of the account \(account.name) is no base64")
            }
        }
    }
}

/// Settings that cannot be.
package struct AzureSettingsError: Error, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
}
