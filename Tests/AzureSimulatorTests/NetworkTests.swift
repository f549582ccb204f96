import AzureSimulator
import Foundation
import Testing

@Suite("Azure networks")
struct AzureNetworkTests {
    private static let place = "\(TestCloud.group)/providers/Microsoft.Network"

    private static func network(_ prefix: String, _ subnets: [(String, String)]) -> String {
        let list = subnets.map { "{ \"name\": \"\($0.0)\", \"properties\": { \"addressPrefix\": \"\($0.1)\" } }" }
        return """
            { "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": ["\(prefix)"] },
              "subnets": [\(list.joined(separator: ", "))] } }
            """
    }

    private static func card(_ subnet: String, _ more: String = "", location: String = "westeurope") -> String {
        """
        { "location": "\(location)", "properties": { "ipConfigurations": [ { "name": "a", "properties": {
          "subnet": { "id": "\(place)/virtualNetworks/net/subnets/\(subnet)" } \(more) } } ] } }
        """
    }

    @Test("subnets lie in their network and beside one another")
    func subnets() async throws {
        try await TestCloud.run { cloud in
            let cases = [
                ("10.1.0.1/16", [], "InvalidCIDRNotation"), ("10.1.0.0/33", [], "InvalidCIDRNotation"),
                ("10.1.0.0/16", [("a", "10.2.0.0/24")], "NetcfgInvalidSubnet"),
                ("10.1.0.0/16", [("a", "10.1.0.0/23"), ("b", "10.1.1.0/24")], "NetcfgSubnetRangesOverlap"),
            ]
            for (prefix, subnets, code) in cases {
                let reply = try await cloud.call("PUT", "Network/virtualNetworks/n", Self.network(prefix, subnets))
                #expect(reply.status == 400 && reply.code == code, "\(prefix)")
            }
            #expect(try await cloud.call("GET", "Network/virtualNetworks/n").status == 404)
        }
    }

    @Test("addresses are given in their order, are held once, stay, and run out")
    func addresses() async throws {
        try await TestCloud.run { cloud in
            let body = Self.network("10.9.0.0/16", [("small", "10.9.1.0/29"), ("other", "10.9.2.0/24")])
            try await cloud.done("PUT", "Network/virtualNetworks/net", body)
            for (number, address) in ["10.9.1.4", "10.9.1.5", "10.9.1.6"].enumerated() {
                let reply = try await cloud.call("PUT", "Network/networkInterfaces/n\(number)", Self.card("small"))
                #expect(reply.status == 201 && reply.raw.text.contains("\"\(address)\""))
            }
            let changed = Self.card("small").replacing("{ \"location\"", with: "{ \"tags\": {}, \"location\"")
            let busy = try await cloud.call("PUT", "Network/networkInterfaces/n0", changed)
            #expect(busy.status == 429 && busy.code == "RetryableErrorDueToAnotherOperation")
            try await cloud.done("PUT", "Network/networkInterfaces/n0", Self.card("small"))
            try await cloud.done("DELETE", "Network/networkInterfaces/n0")
            try await cloud.done("PUT", "Network/networkInterfaces/n1", Self.card("small"))
            try await cloud.done("PUT", "Network/networkInterfaces/n1", changed)
            #expect(try await cloud.call("GET", "Network/networkInterfaces/n1").raw.text.contains("\"10.9.1.5\""))
            #expect(try await cloud.call("PUT", "Network/networkInterfaces/n4", Self.card("small")).status == 201)
            let full = try await cloud.call("PUT", "Network/networkInterfaces/n3", Self.card("small"))
            #expect(full.status == 400 && full.code == "SubnetIsFull")
            func fixed(_ address: String) -> String {
                Self.card("other", ", \"privateIPAllocationMethod\": \"Static\", \"privateIPAddress\": \"\(address)\"")
            }
            #expect(try await cloud.call("PUT", "Network/networkInterfaces/f", fixed("10.9.2.9")).status == 201)
            let cases = [
                ("10.9.2.9", "PrivateIPAddressIsAllocated"), ("10.9.2.3", "PrivateIPAddressNotInSubnet"),
                ("10.9.3.9", "PrivateIPAddressNotInSubnet"), ("10.9.2.255", "PrivateIPAddressNotInSubnet"),
            ]
            for (address, code) in cases {
                #expect(try await cloud.call("PUT", "Network/networkInterfaces/g", fixed(address)).code == code)
            }
            let none = try await cloud.call("PUT", "Network/networkInterfaces/g", Self.card("none"))
            #expect(none.status == 400 && none.code == "InvalidResourceReference")
            let far = Self.card("other", location: "northeurope")
            #expect(try await cloud.call("PUT", "Network/networkInterfaces/g", far).code == "InvalidResourceReference")
            let used = try await cloud.call("DELETE", "Network/virtualNetworks/net/subnets/other")
            #expect(used.status == 400 && used.code == "InUseSubnetCannotBeDeleted")
        }
    }

    @Test("a public address is standard and static, and belongs to one interface")
    func publicAddresses() async throws {
        try await TestCloud.run { cloud in
            func address(_ sku: String, _ method: String) -> String {
                """
                { "location": "westeurope", "sku": { "name": "\(sku)" },
                  "properties": { "publicIPAllocationMethod": "\(method)" } }
                """
            }
            let target = "Network/publicIPAddresses/a"
            #expect(
                try await cloud.call("PUT", target, address("Basic", "Static")).code
                    == "IPv4BasicSkuPublicIpCountLimitReached")
            #expect(try await cloud.call("PUT", target, address("Standard", "Dynamic")).status == 400)
            try await cloud.done("PUT", target, address("Standard", "Static"))
            try await cloud.interface("own")
            let more = ", \"publicIPAddress\": { \"id\": \"\(Self.place)/publicIPAddresses/a\" }"
            try await cloud.done("PUT", "Network/networkInterfaces/one", Self.card("inner", more))
            let second = try await cloud.call("PUT", "Network/networkInterfaces/two", Self.card("inner", more))
            #expect(second.status == 400 && second.code == "PublicIPAddressInUse")
            #expect(try await cloud.call("DELETE", target).code == "PublicIPAddressCannotBeDeleted")
        }
    }

    @Test("security rules have a priority of their own between 100 and 4096")
    func rules() async throws {
        try await TestCloud.run { cloud in
            func rule(_ name: String, _ priority: Int, _ access: String = "Allow") -> String {
                """
                { "name": "\(name)", "properties": { "priority": \(priority), "direction": "Inbound",
                  "access": "\(access)", "protocol": "Tcp" } }
                """
            }
            let cases = [
                ([rule("a", 99)], "SecurityRuleInvalidPriority"),
                ([rule("a", 100), rule("b", 100)], "SecurityRuleConflict"),
                ([rule("a", 100, "Perhaps")], "SecurityRuleParameterInvalid"),
            ]
            for (rules, code) in cases {
                let body = """
                    { "location": "westeurope", "properties": { "securityRules": [\(rules.joined(separator: ","))] } }
                    """
                let reply = try await cloud.call("PUT", "Network/networkSecurityGroups/g", body)
                #expect(reply.status == 400 && reply.code == code)
            }
        }
    }

    @Test("tags are changed alone, and resources are found by them")
    func tags() async throws {
        try await TestCloud.run { cloud in
            try await cloud.interface("nic")
            let target = "Network/networkInterfaces/nic"
            #expect(
                try await cloud.call("PATCH", target, "{ \"tags\": { \"run\": \"7\" } }").text("tags", "run") == "7")
            #expect(try await cloud.call("PATCH", target, "{ \"location\": \"x\" }").code == "InvalidRequestContent")
            let list = "/subscriptions/\(TestCloud.subscription)/resources?%24filter="
            let found = try await cloud.call("GET", list + "tagName%20eq%20%27run%27%20and%20tagValue%20eq%20%277%27")
            #expect((found.json["value"] as? [Any])?.count == 1)
            #expect(try await cloud.call("GET", list + "nothing").code == "InvalidFilterInQueryString")
        }
    }
}
