package import Engine
import Targets

extension AzureSubscription {
    package struct Settings: PluginSettings {
        package let subscription: String?
        package let tenant: String?
        package let resourceGroup: String?
        package let createsResourceGroup: Bool
        package let location: String?
        package let signIn: SignInChoice?
        package let cloud: AzureCloud
        let management: String?
        let authority: String?
        let storageSuffix: String?
        package let network: NetworkChoice?
        package let diskType: DiskType
        package let zone: String?
        package let tags: AzureTags?
        package let pageBlob: PageBlobChoice?
        package let container: Secret?
        let tls: TLSBlock
        package let parallelism: Int
        package let connections: Int

        package static let fields: [Field] = [
            .optional("subscription", "the subscription's id; not for `container`"),
            .optional("tenant", "the directory: its id or domain; not for a managed identity"),
            .optional("resourceGroup", "where everything is made"),
            .defaulted("createsResourceGroup", "false", "whether a missing resource group is made"),
            .optional("location", "the region, such as westeurope"),
            .optional("signIn", "how to sign in: one of clientSecret, certificate, managedIdentity"),
            .defaulted("cloud", "public", "which Azure: public, usgovernment or china"),
            .optional("management", "address of Azure Resource Manager, where it is not the cloud's"),
            .optional("authority", "address of Entra ID, where it is not the cloud's"),
            .optional("storageSuffix", "what addresses of storage accounts end with, where it is not the cloud's"),
            .optional("network", "where VMs are connected: virtualNetwork, subnet, securityGroup, publicIP, create"),
            .defaulted("diskType", "StandardSSD_LRS", "the disks' kind: Standard_LRS, StandardSSD_LRS, Premium_LRS, …"),
            .optional("zone", "the availability zone of disks, public address and VM: 1, 2 or 3"),
            .optional("tags", "what everything made is tagged with: a block of names and texts"),
            .optional(
                "pageBlob",
                "upload to page blobs of a storage account and import these: account, container; the VHDs stay there"),
            .secret(
                "container", "the address of a container with a shared access signature: uploads VHDs, makes no VM"),
            TLSBlock.field,
            .defaulted("parallelism", "8", "uploads in flight for each disk, 1 to 32"),
            .defaulted("connections", "32", "uploads in flight for all disks, 1 to 64"),
        ]
    }

    /// How the bytes of disks come to Azure, and what becomes of them.
    package enum Mode: Sendable, Equatable {
        /// Straight into managed disks.
        case managedDisks
        /// Into page blobs of a storage account, from which managed disks are imported.
        case pageBlobs
        /// Into page blobs behind a shared access signature; nothing else is made.
        case uploadOnly
    }
}

extension AzureSubscription.Settings {
    package var mode: AzureSubscription.Mode {
        container != nil ? .uploadOnly : pageBlob != nil ? .pageBlobs : .managedDisks
    }

    /// - Throws: `.configuration` naming the key that is missing or wrong.
    func check() throws(EngineError) {
        func wrong(_ what: String) -> EngineError { EngineError(.configuration, what) }
        guard (1...32).contains(parallelism) else { throw wrong("`parallelism` must be from 1 to 32") }
        guard (1...64).contains(connections) else { throw wrong("`connections` must be from 1 to 64") }
        if let zone { guard ["1", "2", "3"].contains(zone) else { throw wrong("`zone` must be 1, 2 or 3") } }
        if container != nil {
            guard pageBlob == nil, signIn == nil, subscription == nil else {
                throw wrong("`container` uploads without signing in: leave out `subscription`, `signIn` and `pageBlob`")
            }
            return
        }
        for (key, value) in [("subscription", subscription), ("resourceGroup", resourceGroup), ("location", location)] {
            guard let value, !value.isEmpty else { throw wrong("`\(key)` is missing") }
        }
        guard let subscription, ImageID(subscription) != nil else {
            throw wrong("`subscription`: write its id, such as 2dc27766-f623-4200-9d64-115e9bfd4a08")
        }
        try ResourceName.check(group: resourceGroup ?? "")
        guard let signIn else {
            throw wrong("`signIn` is missing: give one of `clientSecret`, `certificate` and `managedIdentity`")
        }
        try signIn.check(tenant: tenant)
        try tags?.check()
        if diskType.isInAllZones, zone != nil {
            throw wrong("`zone`: disks of the type \(diskType.rawValue) are in all zones; leave it out")
        }
    }
}
