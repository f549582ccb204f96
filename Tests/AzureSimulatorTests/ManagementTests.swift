import AzureSimulator
import Foundation
import Testing

@Suite("Azure Resource Manager")
struct AzureManagementTests {
    private static let empty = """
        { "location": "westeurope", "properties": { "diskSizeGB": 4, "creationData": { "createOption": "Empty" } } }
        """

    @Test("an operation is asked for until it has ended, and its resource is not ready before")
    func operation() async throws {
        try await TestCloud.run { cloud in
            let put = try await cloud.call("PUT", "Compute/disks/d", Self.empty)
            #expect(put.status == 202 && put.text("properties", "provisioningState") == "Creating")
            #expect(put.raw["retry-after"] == "1")
            let again = try await cloud.call("PUT", "Compute/disks/d", Self.empty)
            #expect(again.raw["azure-asyncoperation"] == put.raw["azure-asyncoperation"])
            let other = try await cloud.call("PUT", "Compute/disks/d", Self.empty.replacing("4", with: "5"))
            #expect(other.status == 409 && other.code == "Conflict")
            let url = TestCloud.path(of: try #require(put.raw["azure-asyncoperation"]))
            let location = TestCloud.path(of: try #require(put.raw["location"]))
            #expect(try await cloud.call("GET", url, version: nil).text("status") == "InProgress")
            #expect(
                try await cloud.call("GET", "Compute/disks/d").text("properties", "provisioningState") == "Creating")
            #expect(try await cloud.call("GET", url, version: nil).text("status") == "Succeeded")
            let result = try await cloud.call("GET", location, version: nil)
            #expect(result.status == 200 && result.text("properties", "diskState") == "Unattached")
            #expect(
                try await cloud.call("GET", "Compute/disks/d").text("properties", "provisioningState") == "Succeeded")
        }
    }

    @Test("an operation that nobody asks for ends all the same")
    func settled() async throws {
        var settings = TestCloud.settings
        settings.cloud.operationSeconds = 0
        try await TestCloud.run(settings) { cloud in
            _ = try await cloud.call("PUT", "Compute/disks/d", Self.empty)
            #expect(
                try await cloud.call("GET", "Compute/disks/d").text("properties", "provisioningState") == "Succeeded")
        }
    }

    @Test("what is wrong with a request is said in the form and by the codes of Resource Manager")
    func errors() async throws {
        try await TestCloud.run { cloud in
            let place = "/subscriptions/\(TestCloud.subscription)"
            let cases: [(String, String, String, Int, String)] = [
                ("GET", "/subscriptions/00000000-0000-0000-0000-000000000009", "", 404, "SubscriptionNotFound"),
                ("GET", "\(place)/resourceGroups/none", "", 404, "ResourceGroupNotFound"),
                ("GET", "Compute/disks/none", "", 404, "ResourceNotFound"),
                ("GET", "\(place)/colours", "", 404, "InvalidResourceType"),
                ("PUT", "Compute/disks/d", "{", 400, "InvalidRequestContent"),
                ("PUT", "Compute/disks/d", "{}", 400, "LocationRequired"),
                ("PUT", "Compute/disks/-d", Self.empty, 400, "InvalidResourceName"),
                ("PUT", "\(place)/resourceGroups/g.", "{ \"location\": \"westeurope\" }", 400, "InvalidResourceGroup"),
                (
                    "PUT", "\(place)/resourceGroups/vms", "{ \"location\": \"northeurope\" }", 409,
                    "InvalidResourceGroupLocation"
                ),
            ]
            for (method, path, body, status, code) in cases {
                let reply = try await cloud.call(method, path, body)
                #expect(reply.status == status && reply.code == code, "\(path): \(reply.raw.text)")
            }
            let bare = try await cloud.call("GET", "Compute/disks/none", version: nil)
            #expect(bare.status == 400 && bare.code == "MissingApiVersionParameter")
            try await cloud.done("PUT", "Compute/disks/d", Self.empty)
            let moved = try await cloud.call("PUT", "Compute/disks/D", Self.empty.replacing("west", with: "north"))
            #expect(moved.status == 409 && moved.code == "InvalidResourceLocation")
            #expect(try await cloud.call("DELETE", "Compute/disks/none").status == 204)
        }
    }

    @Test("a token must be there, known, for this audience, of the subscription's directory and not expired")
    func tokens() async throws {
        var settings = TestCloud.settings
        settings.foreignTenants = ["99999999-0000-0000-0000-000000000000"]
        try await TestCloud.run(settings) { cloud in
            let path = "\(TestCloud.group)?api-version=2021-04-01"
            #expect(try await cloud.azure.send("GET", path, [:]).text.contains("\"AuthenticationFailed\""))
            let storage = try await TestCloud.token(cloud.azure, audience: "https://storage.azure.com")
            let foreign = try await TestCloud.token(cloud.azure, tenant: "99999999-0000-0000-0000-000000000000")
            let cases = [
                ("x.y.z", "InvalidAuthenticationToken"), (storage, "InvalidAuthenticationTokenAudience"),
                (foreign, "InvalidAuthenticationTokenTenant"),
            ]
            for (token, code) in cases {
                let reply = try await cloud.call("GET", TestCloud.group, token: token)
                #expect(reply.status == 401 && reply.code == code && reply.raw["www-authenticate"] != nil)
            }
            #expect(try await cloud.call("GET", TestCloud.group).status == 200)
            cloud.azure.server.faults.expireTokens()
            #expect(try await cloud.call("GET", TestCloud.group).code == "ExpiredAuthenticationToken")
        }
    }

    @Test("a principal may do what its role's actions name, where the role is given, and with what it joins")
    func rights() async throws {
        var settings = TestCloud.settings
        settings.principals += [
            .init(
                clientID: "disks", secret: "s3cret", actions: ["Microsoft.Compute/disks/*", "*/subscriptions/*/read"],
                scope: TestCloud.group),
            .init(
                clientID: "cards", secret: "s3cret", actions: ["Microsoft.Network/networkInterfaces/*", "*/read"]),
        ]
        try await TestCloud.run(settings) { cloud in
            let disks = try await TestCloud.token(cloud.azure, client: "disks")
            #expect(try await cloud.call("PUT", "Compute/disks/d", Self.empty, token: disks).status == 202)
            #expect(
                try await cloud.call("GET", "Compute/virtualMachines/x", token: disks).code == "AuthorizationFailed")
            let whole = "/subscriptions/\(TestCloud.subscription)/resourceGroups"
            #expect(try await cloud.call("GET", whole, token: disks).code == "AuthorizationFailed")
            try await cloud.interface("nic")
            let cards = try await TestCloud.token(cloud.azure, client: "cards")
            let subnet = "\(TestCloud.group)/providers/Microsoft.Network/virtualNetworks/net/subnets/inner"
            let body = """
                { "location": "westeurope", "properties": { "ipConfigurations": [
                  { "name": "a", "properties": { "subnet": { "id": "\(subnet)" } } } ] } }
                """
            let joined = try await cloud.call("PUT", "Network/networkInterfaces/own", body, token: cards)
            #expect(joined.status == 403 && joined.code == "LinkedAuthorizationFailed")
        }
    }

    @Test("writes over the budget are 429 and say when to come back; reads are not counted with them")
    func budget() async throws {
        var settings = TestCloud.settings
        settings.cloud.writes = 2
        try await TestCloud.run(settings) { cloud in
            let first = try await cloud.call("PUT", "Compute/disks/a", Self.empty)
            #expect(first.raw["x-ms-ratelimit-remaining-subscription-writes"] == "1")
            _ = try await cloud.call("PUT", "Compute/disks/b", Self.empty)
            let third = try await cloud.call("PUT", "Compute/disks/c", Self.empty)
            #expect(third.status == 429 && third.code == "TooManyRequests")
            #expect(Int(third.raw["retry-after"] ?? "").map { (1...60).contains($0) } == true)
            #expect(try await cloud.call("GET", "Compute/disks/a").status == 200)
        }
    }

    @Test("a provider must be registered before it makes anything")
    func registration() async throws {
        var settings = TestCloud.settings
        settings.cloud.registered = []
        try await TestCloud.run(settings) { cloud in
            let early = try await cloud.call("PUT", "Compute/disks/d", Self.empty)
            #expect(early.status == 409 && early.code == "MissingSubscriptionRegistration")
            let place = "/subscriptions/\(TestCloud.subscription)/providers/Microsoft.Compute"
            #expect(try await cloud.call("GET", place).text("registrationState") == "NotRegistered")
            #expect(try await cloud.call("POST", "\(place)/register").text("registrationState") == "Registering")
            #expect(try await cloud.call("GET", place).text("registrationState") == "Registered")
            #expect(try await cloud.call("PUT", "Compute/disks/d", Self.empty).status == 202)
        }
    }

    @Test("quotas refuse what goes beyond them, by the codes of cores and of families")
    func quotas() async throws {
        var settings = TestCloud.settings
        settings.cloud.quotas = ["Disks": 1]
        try await TestCloud.run(settings) { cloud in
            try await cloud.done("PUT", "Compute/disks/a", Self.empty)
            let more = try await cloud.call("PUT", "Compute/disks/b", Self.empty)
            #expect(more.status == 409 && more.code == "QuotaExceeded")
        }
        settings.cloud.quotas = ["cores": 1]
        try await TestCloud.run(settings) { cloud in
            try await cloud.disk("d")
            try await cloud.interface("nic")
            let more = try await cloud.call("PUT", "Compute/virtualMachines/vm", TestCloud.machine("d", "nic"))
            #expect(more.status == 409 && more.code == "OperationNotAllowed")
            #expect(more.raw.text.contains("Total Regional Cores quota"))
        }
    }

    @Test("operations fail in the way that faults say: at once, after they were done, or at their end")
    func faults() async throws {
        try await TestCloud.run { cloud in
            let faults = cloud.azure.server.faults
            faults.fail("PutDisk", status: 500, code: "OperationTimedOut")
            let first = try await cloud.call("PUT", "Compute/disks/a", Self.empty)
            #expect(first.status == 500 && first.code == "OperationTimedOut")
            faults.loseAnswer("PutDisk")
            await #expect(throws: TestFailure.self) { try await cloud.call("PUT", "Compute/disks/a", Self.empty) }
            #expect(try await cloud.call("GET", "Compute/disks/a").status == 200)
            faults.failLater("PutDisk", code: "AllocationFailed", message: "no room")
            let late = try await cloud.done("PUT", "Compute/disks/b", Self.empty)
            #expect(late.text("status") == "Failed" && late.code == "AllocationFailed")
            #expect(try await cloud.call("GET", "Compute/disks/b").text("properties", "provisioningState") == "Failed")
            faults.failLater("DeleteDisk", code: "Busy")
            let location = try #require(try await cloud.call("DELETE", "Compute/disks/b").raw["location"])
            #expect(try await cloud.call("GET", TestCloud.path(of: location), version: nil).status == 202)
            let failed = try await cloud.call("GET", TestCloud.path(of: location), version: nil)
            #expect(failed.status == 409 && failed.code == "Busy")
            faults.cutAnswer("ListDisks", after: 5)
            let cut = try await cloud.azure.send(
                "GET", "\(TestCloud.group)/providers/Microsoft.Compute/disks?api-version=2024-03-02",
                ["authorization": "Bearer \(cloud.token)"])
            #expect(cut.body.count == 5)
        }
    }

    @Test("another cloud has another audience")
    func sovereign() async throws {
        var settings = TestCloud.settings
        settings.cloud.audience = "https://management.chinacloudapi.cn"
        try await TestCloud.run(settings) { cloud in
            #expect(try await cloud.call("GET", TestCloud.group).code == "InvalidAuthenticationTokenAudience")
            let own = try await TestCloud.token(cloud.azure, audience: "https://management.chinacloudapi.cn")
            #expect(try await cloud.call("GET", TestCloud.group, token: own).status == 200)
        }
    }
}
