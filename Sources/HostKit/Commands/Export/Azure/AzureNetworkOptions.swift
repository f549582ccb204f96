import ArgumentParser
import Azure

/// Where the VM in Azure is, and what it is connected to.
struct AzureNetworkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where everything is made (default: as configured).", valueName: "name"))
    var resourceGroup: String?
    @Option(help: ArgumentHelp("The virtual network (default: as configured).", valueName: "name"))
    var network: String?
    @Option(help: ArgumentHelp("The subnet in it (default: as configured).", valueName: "name"))
    var subnet: String?
    @Option(help: ArgumentHelp("The security group of the network card (default: as configured).", valueName: "name"))
    var securityGroup: String?
    @Option(help: ArgumentHelp("A fixed address in the subnet (default: any).", valueName: "address"))
    var privateAddress: String?
    @Flag(name: .customLong("public-ip"), help: "Give the VM a public address.")
    var publicIP = false

    /// What was chosen, in place of what is configured; nil when nothing was.
    func choice(over configured: NetworkChoice?) -> NetworkChoice? {
        guard network != nil || subnet != nil || securityGroup != nil || publicIP else { return nil }
        var choice = configured ?? NetworkChoice()
        if let network {
            choice.virtualNetwork = network
            choice.resourceGroup = nil
        }
        if let subnet { choice.subnet = subnet }
        if let securityGroup { choice.securityGroup = securityGroup }
        if publicIP { choice.publicIP = true }
        return choice
    }
}
