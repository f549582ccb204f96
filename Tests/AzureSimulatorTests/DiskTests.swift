import AzureSimulator
import Foundation
import Testing

@Suite("Azure managed disks")
struct AzureDiskTests {
    private static let size = (20 << 20) + 512

    @Test("a disk for an upload goes from ReadyToUpload over ActiveUpload to Unattached, and takes no page after that")
    func states() async throws {
        try await TestCloud.run { cloud in
            func state() async throws -> String? {
                try await cloud.call("GET", "Compute/disks/d").text("properties", "diskState")
            }
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size))
            #expect(try await state() == "ReadyToUpload")
            let url = try await cloud.grant("d", "Write")
            #expect(try await state() == "ActiveUpload")
            #expect(try await cloud.grant("d", "Write") == url)
            let read = ["x-ms-version": "2021-12-02"]
            #expect(try await cloud.azure.send("HEAD", url, read)["content-length"] == "\(Self.size)")
            #expect(try await cloud.page(url, at: 0, [UInt8](repeating: 7, count: 1024)).status == 201)
            #expect(try await cloud.page(url, at: 20 << 20, TestCloud.footer(20 << 20)).status == 201)
            let busy = try await cloud.call("DELETE", "Compute/disks/d")
            #expect(busy.status == 409 && busy.code == "OperationNotAllowed")
            #expect(try await cloud.done("POST", "Compute/disks/d/endGetAccess").text("status") == "Succeeded")
            #expect(try await state() == "Unattached")
            let late = try await cloud.page(url, at: 0, [UInt8](repeating: 8, count: 512))
            #expect(late.status == 403 && late.code == "AuthenticationFailed")
            let again = try await cloud.call(
                "POST", "Compute/disks/d/beginGetAccess", "{ \"access\": \"Write\", \"durationInSeconds\": 60 }")
            #expect(again.status == 409 && again.code == "OperationNotAllowed")
            let reading = try await cloud.grant("d", "Read")
            #expect(try await state() == "ActiveSAS")
            let bytes = try await cloud.azure.send(
                "GET", reading, read.merging(["x-ms-range": "bytes=1020-1027"]) { $1 })
            #expect(bytes.body == [7, 7, 7, 7, 0, 0, 0, 0])
            #expect(try await cloud.page(reading, at: 0, [UInt8](repeating: 8, count: 512)).status == 403)
        }
    }

    @Test("an upload that ends without the footer of a fixed VHD of its size fails, and the disk cannot be attached")
    func footers() async throws {
        var dynamic = TestCloud.footer(20 << 20)
        (dynamic[63], dynamic[67]) = (3, dynamic[67] &- 1)
        var damaged = TestCloud.footer(20 << 20)
        damaged[70] ^= 1
        let footers = [[UInt8](repeating: 0, count: 512), dynamic, damaged, TestCloud.footer(21 << 20)]
        try await TestCloud.run { cloud in
            try await cloud.interface("nic")
            for (number, footer) in footers.enumerated() {
                let name = "d\(number)"
                try await cloud.done("PUT", "Compute/disks/\(name)", TestCloud.uploadBody(Self.size))
                let url = try await cloud.grant(name, "Write")
                _ = try await cloud.page(url, at: 20 << 20, footer)
                let ended = try await cloud.done("POST", "Compute/disks/\(name)/endGetAccess")
                #expect(ended.text("status") == "Failed" && ended.code == "InvalidVhd", "\(number)")
                let attached = try await cloud.call(
                    "PUT", "Compute/virtualMachines/vm", TestCloud.machine(name, "nic"))
                #expect(attached.status == 409 && attached.code == "OperationNotAllowed")
                #expect(try await cloud.done("DELETE", "Compute/disks/\(name)").text("status") == "Succeeded")
            }
        }
    }

    @Test("an upload has a size of whole MiB and a footer, from 20 MiB to 32 TiB, and no diskSizeGB")
    func sizes() async throws {
        try await TestCloud.run { cloud in
            let good = [(20 << 20) + 512, (32 << 40) + 512]
            for (number, size) in good.enumerated() {
                #expect(
                    try await cloud.call("PUT", "Compute/disks/g\(number)", TestCloud.uploadBody(size)).status == 202)
            }
            for size in [20 << 20, (20 << 20) + 1024, (19 << 20) + 512, (32 << 40) + (1 << 20) + 512] {
                let reply = try await cloud.call("PUT", "Compute/disks/b", TestCloud.uploadBody(size))
                #expect(reply.status == 400 && reply.code == "BadRequest", "\(size)")
            }
            let resized = TestCloud.uploadBody(Self.size, ", \"diskSizeGB\": 4")
            #expect(try await cloud.call("PUT", "Compute/disks/b", resized).code == "InvalidParameter")
        }
    }

    @Test("access takes the member access, a time, and the format VHD")
    func access() async throws {
        try await TestCloud.run { cloud in
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size))
            let bodies = [
                "{ \"accessLevel\": \"Write\", \"durationInSeconds\": 60 }", "{ \"access\": \"Write\" }",
                "{ \"access\": \"Write\", \"durationInSeconds\": 5184001 }",
                "{ \"access\": \"Write\", \"durationInSeconds\": 60, \"fileFormat\": \"VHDX\" }",
            ]
            for body in bodies {
                let reply = try await cloud.call("POST", "Compute/disks/d/beginGetAccess", body)
                #expect(reply.status == 400 && reply.code == "InvalidParameter", "\(body)")
            }
            let policy = ", \"networkAccessPolicy\": \"DenyAll\""
            try await cloud.done("PUT", "Compute/disks/closed", TestCloud.uploadBody(Self.size, policy))
            let denied = try await cloud.call(
                "POST", "Compute/disks/closed/beginGetAccess", "{ \"access\": \"Write\", \"durationInSeconds\": 60 }")
            #expect(denied.status == 409 && denied.code == "OperationNotAllowed")
        }
    }

    @Test("access that expired is granted anew without losing what was written")
    func renewal() async throws {
        try await TestCloud.run { cloud in
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size))
            let first = try await cloud.grant("d", "Write")
            #expect(try await cloud.page(first, at: 0, [UInt8](repeating: 7, count: 512)).status == 201)
            cloud.azure.server.faults.expireAccess()
            let late = try await cloud.page(first, at: 512, [UInt8](repeating: 8, count: 512))
            #expect(late.status == 403 && late.code == "AuthenticationFailed")
            let second = try await cloud.grant("d", "Write")
            #expect(second != first)
            let list = try await cloud.azure.send("GET", second + "&comp=pagelist", ["x-ms-version": "2021-12-02"])
            #expect(list.elements("Start") == ["0"] && list.elements("End") == ["511"])
            #expect(try await cloud.page(first, at: 0, [UInt8](repeating: 8, count: 512)).status == 403)
        }
    }

    @Test("only pages, their list and the size can be asked for in an upload, and checksums are checked")
    func operations() async throws {
        try await TestCloud.run { cloud in
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size))
            let url = try await cloud.grant("d", "Write")
            let fields = ["x-ms-version": "2021-12-02", "content-length": "0"]
            #expect(try await cloud.azure.send("GET", url, fields).status == 403)
            #expect(try await cloud.azure.send("DELETE", url, fields).status == 403)
            let put = fields.merging(["x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": "512"]) { $1 }
            #expect(try await cloud.azure.send("PUT", url, put).status == 403)
            #expect(try await cloud.azure.send("PUT", url + "&comp=properties", fields).status == 403)
            let zeros = [UInt8](repeating: 0, count: 512)
            #expect(try await cloud.page(url, at: 0, zeros, ["x-ms-content-crc64": "6YKnaCgO5h0="]).status == 201)
            let ones = [UInt8](repeating: 1, count: 512)
            #expect(
                try await cloud.page(url, at: 0, ones, ["x-ms-content-crc64": "6YKnaCgO5h0="]).code == "Crc64Mismatch")
            #expect(try await cloud.page(url, at: 256, ones).code == "InvalidPageRange")
            #expect(try await cloud.page(url, at: Self.size, ones).code == "InvalidPageRange")
            let other = url.replacing("sig=", with: "sig=A")
            #expect(try await cloud.azure.send("HEAD", other, fields).status == 403)
        }
    }

    @Test("a disk may ask for a token besides, whose audience ends in a slash")
    func tokens() async throws {
        try await TestCloud.run { cloud in
            let mode = ", \"dataAccessAuthMode\": \"AzureActiveDirectory\""
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size, mode))
            let url = try await cloud.grant("d", "Write")
            let page = [UInt8](repeating: 7, count: 512)
            #expect(try await cloud.page(url, at: 0, page).status == 401)
            let wrong = try await TestCloud.token(cloud.azure, audience: "https://disk.azure.com")
            #expect(try await cloud.page(url, at: 0, page, ["authorization": "Bearer \(wrong)"]).status == 401)
            let right = try await TestCloud.token(cloud.azure, audience: "https://disk.azure.com/")
            #expect(try await cloud.page(url, at: 0, page, ["authorization": "Bearer \(right)"]).status == 201)
        }
    }

    @Test("a disk can have a host of its own")
    func host() async throws {
        var settings = TestCloud.settings
        settings.cloud.diskEndpoint = "http://{account}.z01.blob.storage.azure.net"
        try await TestCloud.run(settings) { cloud in
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size))
            let body = "{ \"access\": \"Write\", \"durationInSeconds\": 60 }"
            let reply = try await cloud.done("POST", "Compute/disks/d/beginGetAccess", body)
            let url = try #require(reply.text("properties", "output", "accessSAS"))
            let host = try #require(URL(string: url)?.host())
            #expect(host.hasPrefix("md-") && host.hasSuffix(".z01.blob.storage.azure.net"))
            let text =
                "HEAD \(TestCloud.path(of: url)) HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n"
                + "x-ms-version: 2021-12-02\r\n\r\n"
            let answer = try await RawHTTP.exchange(port: cloud.azure.server.port, Array(text.utf8))
            #expect(answer?.status == 200 && answer?["content-length"] == "\(Self.size)")
        }
    }

    @Test("pages fail, are slow and are cut off as faults say")
    func faults() async throws {
        try await TestCloud.run { cloud in
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(Self.size))
            let url = try await cloud.grant("d", "Write")
            let page = [UInt8](repeating: 7, count: 4096)
            let faults = cloud.azure.server.faults
            for (status, code) in [(503, "ServerBusy"), (500, "OperationTimedOut")] {
                faults.fail("PutPage", status: status, code: code)
                let failed = try await cloud.page(url, at: 0, page)
                #expect(failed.status == status && failed.code == code)
            }
            faults.cutRequest("PutPage", after: 100)
            await #expect(throws: TestFailure.self) { try await cloud.page(url, at: 0, page) }
            let list = try await cloud.azure.send("GET", url + "&comp=pagelist", ["x-ms-version": "2021-12-02"])
            #expect(list.elements("Start").isEmpty)
            #expect(try await cloud.page(url, at: 0, page).status == 201)
        }
    }

    @Test("a sparse disk of 127 GiB costs what was written to it")
    func sparse() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "azure-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var settings = TestCloud.settings
        settings.folder = folder
        try await TestCloud.run(settings) { cloud in
            let size = 127 << 30
            try await cloud.done("PUT", "Compute/disks/d", TestCloud.uploadBody(size + 512))
            let url = try await cloud.grant("d", "Write")
            for place in [0, 64 << 30, size - 512] {
                #expect(try await cloud.page(url, at: place, [UInt8](repeating: 7, count: 512)).status == 201)
            }
            #expect(try await cloud.page(url, at: size, TestCloud.footer(size)).status == 201)
            #expect(try await cloud.done("POST", "Compute/disks/d/endGetAccess").text("status") == "Succeeded")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            let lengths = try files.map { name in
                try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int ?? 0
            }
            #expect(lengths.reduce(0, +) == 4 * 512)
            let reading = try await cloud.grant("d", "Read")
            let fields = ["x-ms-version": "2021-12-02", "x-ms-range": "bytes=\((64 << 30) - 1)-\(64 << 30)"]
            #expect(try await cloud.azure.send("GET", reading, fields).body == [0, 7])
        }
    }
}
