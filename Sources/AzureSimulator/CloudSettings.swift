/// What the simulated subscription is like.
package struct CloudSettings: Sendable {
    /// A region of Azure.
    package struct Region: Sendable {
        /// `westeurope`.
        package var name: String
        package var displayName: String
        /// Empty where there are no availability zones.
        package var zones: [String]
        /// Beginnings of the names of sizes that it does not have.
        package var missing: [String]

        package init(name: String, displayName: String, zones: [String] = ["1", "2", "3"], missing: [String] = []) {
            self.name = name
            self.displayName = displayName
            self.zones = zones
            self.missing = missing
        }
    }

    package var subscription = "22222222-3333-4444-5555-666666666666"
    /// The first is where the storage accounts are, unless they say otherwise.
    package var regions = [
        Region(name: "westeurope", displayName: "West Europe"),
        Region(name: "northeurope", displayName: "North Europe", missing: ["Standard_D2s_v6", "Standard_D4s_v6"]),
        Region(name: "germanynorth", displayName: "Germany North", zones: [], missing: ["Standard_F", "Standard_E"]),
    ]
    /// Resource groups that are there from the start, and where.
    package var groups: [String: String] = [:]
    /// The providers that the subscription is registered for.
    package var registered = ["Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage"]
    /// Limits of each region by the name of their usage: `cores`, `virtualMachines`, `standardDSv5Family`, `Disks`,
    /// `PublicIPAddresses` and so on. Those left out are never reached.
    package var quotas: [String: Int] = [:]
    /// How many questions for an operation are answered with `InProgress`.
    package var polls = 1
    /// Seconds after which an operation ends although nobody asks for it.
    package var operationSeconds = 5.0
    /// Seconds that clients are told to wait between two questions.
    package var retryAfter = 1
    /// How many writes, and how many deletes, a window allows; nil is without end.
    package var writes: Int?
    /// The length of that window.
    package var windowSeconds = 60.0
    /// The audience of tokens for Azure Resource Manager; other clouds have another.
    package var audience = "https://management.azure.com"
    /// What the URLs of managed disks begin with; `{account}` stands for the name of the disk's account, which begins with
    /// `md-`. nil takes the address that the request for access came to, with the account in the path.
    package var diskEndpoint: String?

    package init() {}
}
