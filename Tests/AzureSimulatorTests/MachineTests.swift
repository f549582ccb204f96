import AzureSimulator
import Foundation
import Testing

@Suite("Azure virtual machines")
struct AzureMachineTests {
    @Test("a machine is made of an uploaded disk and a network interface, and owns both until it is deleted")
    func life() async throws {
        try await TestCloud.run { cloud in
            try await cloud.disk("d")
            try await cloud.interface("nic")
            let put = try await cloud.call("PUT", "Compute/virtualMachines/vm", TestCloud.machine("d", "nic"))
            #expect(put.status == 201 && put.text("properties", "provisioningState") == "Creating")
            let url = TestCloud.path(of: try #require(put.raw["azure-asyncoperation"]))
            _ = try await cloud.call("GET", url, version: nil)
            #expect(try await cloud.call("GET", url, version: nil).text("status") == "Succeeded")
            let disk = try await cloud.call("GET", "Compute/disks/d")
            #expect(
                disk.text("properties", "diskState") == "Attached" && disk.text("managedBy")?.hasSuffix("/vm") == true)
            #expect(try await cloud.call("DELETE", "Compute/disks/d").code == "OperationNotAllowed")
            #expect(try await cloud.call("DELETE", "Network/networkInterfaces/nic").code == "NicInUse")
            let view = try await cloud.call("GET", "Compute/virtualMachines/vm/instanceView")
            #expect(view.raw.text.contains("PowerState/running"))
            #expect(try await cloud.done("POST", "Compute/virtualMachines/vm/deallocate").text("status") == "Succeeded")
            #expect(try await cloud.call("GET", "Compute/disks/d").text("properties", "diskState") == "Reserved")
            try await cloud.done("DELETE", "Compute/virtualMachines/vm")
            #expect(try await cloud.call("GET", "Compute/disks/d").text("properties", "diskState") == "Unattached")
            #expect(try await cloud.done("DELETE", "Network/networkInterfaces/nic").text("status") == "Succeeded")
        }
    }

    @Test("what is not ready cannot be used")
    func early() async throws {
        try await TestCloud.run { cloud in
            let body = TestCloud.uploadBody((20 << 20) + 512)
            _ = try await cloud.call("PUT", "Compute/disks/d", body)
            let access = "{ \"access\": \"Write\", \"durationInSeconds\": 60 }"
            let early = try await cloud.call("POST", "Compute/disks/d/beginGetAccess", access)
            #expect(early.status == 409 && early.code == "Conflict")
            let network = """
                { "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": ["10.9.0.0/16"] },
                  "subnets": [ { "name": "inner", "properties": { "addressPrefix": "10.9.1.0/24" } } ] } }
                """
            _ = try await cloud.call("PUT", "Network/virtualNetworks/net", network)
            let subnet = "\(TestCloud.group)/providers/Microsoft.Network/virtualNetworks/net/subnets/inner"
            let card = """
                { "location": "westeurope", "properties": { "ipConfigurations": [
                  { "name": "a", "properties": { "subnet": { "id": "\(subnet)" } } } ] } }
                """
            let joined = try await cloud.call("PUT", "Network/networkInterfaces/nic", card)
            #expect(joined.code == "ReferencedResourceNotProvisioned")
        }
    }

    @Test("a size must be one, be in the region, and boot the disk's generation and type")
    func sizes() async throws {
        var settings = TestCloud.settings
        settings.cloud.regions[0].missing = ["Standard_E"]
        try await TestCloud.run(settings) { cloud in
            try await cloud.disk("d", ", \"hyperVGeneration\": \"V2\", \"osType\": \"Linux\"")
            try await cloud.interface("nic")
            let cases = [
                ("Standard_None", 400, "InvalidParameter"), ("Standard_E2s_v5", 409, "SkuNotAvailable"),
                ("Standard_A4_v2", 400, "BadRequest"), ("Standard_D2s_v6", 400, "InvalidParameter"),
            ]
            for (size, status, code) in cases {
                let reply = try await cloud.call(
                    "PUT", "Compute/virtualMachines/vm", TestCloud.machine("d", "nic", size: size))
                #expect(reply.status == status && reply.code == code, "\(size): \(reply.raw.text)")
            }
            try await cloud.done(
                "PUT", "Compute/disks/fast",
                """
                { "location": "westeurope", "sku": { "name": "Premium_LRS" }, "properties": { "diskSizeGB": 4,
                  "osType": "Linux", "creationData": { "createOption": "Empty" } } }
                """)
            let slow = TestCloud.machine("fast", "nic", size: "Standard_A4_v2")
            #expect(try await cloud.call("PUT", "Compute/virtualMachines/vm", slow).code == "InvalidParameter")
            let windows = TestCloud.machine("d", "nic").replacing("Linux", with: "Windows")
            #expect(try await cloud.call("PUT", "Compute/virtualMachines/vm", windows).code == "InvalidParameter")
        }
    }

    @Test("a machine is of the region and zone of its disks, and of their security")
    func places() async throws {
        try await TestCloud.run { cloud in
            try await cloud.disk("d")
            try await cloud.interface("nic")
            let plain = TestCloud.machine("d", "nic")
            let elsewhere = plain.replacing("\"westeurope\"", with: "\"northeurope\"")
            #expect(try await cloud.call("PUT", "Compute/virtualMachines/vm", elsewhere).code == "BadRequest")
            let zonal = plain.replacing("{ \"location\"", with: "{ \"zones\": [\"1\"], \"location\"")
            #expect(try await cloud.call("PUT", "Compute/virtualMachines/vm", zonal).code == "BadRequest")
            let trusted = plain.replacing(
                "\"hardwareProfile\"",
                with: "\"securityProfile\": { \"securityType\": \"TrustedLaunch\" }, \"hardwareProfile\"")
            #expect(try await cloud.call("PUT", "Compute/virtualMachines/vm", trusted).code == "BadRequest")
            let controller = plain.replacing(
                "\"storageProfile\": {", with: "\"storageProfile\": { \"diskControllerType\": \"NVMe\",")
            #expect(try await cloud.call("PUT", "Compute/virtualMachines/vm", controller).code == "InvalidParameter")
        }
    }

    @Test("the group takes all it holds with it")
    func group() async throws {
        try await TestCloud.run { cloud in
            try await cloud.disk("d")
            try await cloud.interface("nic")
            try await cloud.done("PUT", "Compute/virtualMachines/vm", TestCloud.machine("d", "nic"))
            #expect(try await cloud.done("DELETE", TestCloud.group).status == 200)
            #expect(try await cloud.call("GET", TestCloud.group).code == "ResourceGroupNotFound")
            let all = try await cloud.call("GET", "/subscriptions/\(TestCloud.subscription)/resources")
            #expect((all.json["value"] as? [Any])?.isEmpty == true)
        }
    }
}
