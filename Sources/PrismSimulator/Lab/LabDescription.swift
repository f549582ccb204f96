/// The estate a simulator shows, as a lab file describes it.
package struct LabDescription: Sendable {
    struct User: Sendable {
        var name: String
        var password: String
        var apiKey: String?
    }

    struct Central: Sendable {
        var name: String
        var extId: String
        var address: String
        var port: Int
        var version: String
    }

    struct Cluster: Sendable {
        var name: String
        var extId: String
        /// The virtual IP: the Prism Element answers there.
        var address: String
        var port: Int
        /// The data services IP; nil when nobody set one.
        var dataServices: String?
        var iscsiPort: Int
        var controllerVM: String
        var version: String
        var containers: [Container]
    }

    struct Container: Sendable {
        var name: String
        var extId: String
        var isInternal: Bool
    }

    struct Subnet: Sendable {
        var name: String
        var extId: String
        var cluster: String
        var vlan: Int
        var isExternal: Bool
    }

    struct Category: Sendable {
        var key: String
        var value: String
        var extId: String
    }

    struct Image: Sendable {
        var name: String
        var extId: String
        var cluster: String
        var type: String
        var size: Int
    }

    var users: [User]
    var central: Central
    var clusters: [Cluster]
    var subnets: [Subnet]
    var categories: [Category]
    var images: [Image]
    var machines: [LabMachine]
    package var settings: Settings
    package var faults: [Fault]
}
