import AzureSimulator
import Foundation
import Testing

@Suite("Azure imports")
struct AzureImportTests {
    private static func body(_ source: String, account: String = "devstoreaccount1", location: String = "westeurope")
        -> String
    {
        """
        { "location": "\(location)", "properties": { "creationData": { "createOption": "Import",
          "sourceUri": "\(source)", "storageAccountId":
          "/subscriptions/x/resourceGroups/any/providers/Microsoft.Storage/storageAccounts/\(account)" } } }
        """
    }

    /// Makes a page blob with that footer.
    private static func blob(_ azure: TestAzure, _ name: String, _ size: Int, _ footer: [UInt8]) async throws {
        try await azure.makePages(name, size: size + 512)
        let range = ["x-ms-page-write": "update", "x-ms-range": "bytes=\(size)-\(size + 511)"]
        let wrote = try await azure.call("PUT", "cont/\(name)?comp=page", range, footer)
        guard wrote.status == 201 else { throw TestFailure(reason: wrote.text) }
    }

    @Test("a page blob becomes a disk of its own, whichever way its address is written")
    func taken() async throws {
        try await TestCloud.run { cloud in
            try await Self.blob(cloud.azure, "x.vhd", 20 << 20, TestCloud.footer(20 << 20))
            let sources = [
                "\(cloud.azure.server.endpoint())/cont/x.vhd",
                "https://devstoreaccount1.blob.core.windows.net/cont/x.vhd",
            ]
            for (number, source) in sources.enumerated() {
                let made = try await cloud.done("PUT", "Compute/disks/d\(number)", Self.body(source))
                #expect(made.text("status") == "Succeeded")
            }
            #expect(try await cloud.azure.call("DELETE", "cont/x.vhd").status == 202)
            let disk = try await cloud.call("GET", "Compute/disks/d0")
            #expect(disk.number("properties", "diskSizeBytes") == 20 << 20)
            let url = try await cloud.grant("d0", "Read")
            let fields = ["x-ms-version": "2021-12-02", "x-ms-range": "bytes=\(20 << 20)-\((20 << 20) + 511)"]
            #expect(try await cloud.azure.send("GET", url, fields).body == TestCloud.footer(20 << 20))
        }
    }

    @Test("a source must be there, a page blob of the account that is named, in the disk's region, and a fixed VHD")
    func refused() async throws {
        try await TestCloud.run { cloud in
            let size = 20 << 20
            try await Self.blob(cloud.azure, "good", size, TestCloud.footer(size))
            try await Self.blob(cloud.azure, "plain", size, [UInt8](repeating: 0, count: 512))
            try await Self.blob(cloud.azure, "odd", size + 512, TestCloud.footer(size + 512))
            try await Self.blob(cloud.azure, "long", size, TestCloud.footer(size + (1 << 20)))
            try await cloud.azure.put("block", [1])
            let base = "\(cloud.azure.server.endpoint())/cont"
            let cases = [
                (Self.body("\(base)/none"), 404, "BlobNotFound"), (Self.body("\(base)/block"), 400, "BadRequest"),
                (Self.body("\(base)/plain"), 400, "InvalidVhd"), (Self.body("\(base)/odd"), 400, "InvalidVhd"),
                (Self.body("\(base)/long"), 400, "InvalidVhd"),
                (Self.body("\(base)/good", account: "other"), 400, "InvalidParameter"),
                (Self.body("\(base)/good?sig=x"), 400, "InvalidParameter"),
                (Self.body("\(base)/good", location: "northeurope"), 400, "BadRequest"),
            ]
            for (body, status, code) in cases {
                let reply = try await cloud.call("PUT", "Compute/disks/d", body)
                #expect(reply.status == status && reply.code == code, "\(body): \(reply.raw.text)")
            }
            #expect(try await cloud.call("GET", "Compute/disks/d").status == 404)
        }
    }
}
