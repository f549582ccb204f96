import Testing

@testable import Engine

@Suite("What an OVF says")
struct OVFTests {
    private func read(_ hardware: String, disks: String = "", files: String = "") throws -> OVFDescription {
        try OVFDescription(
            Array(
                """
                <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
                <References>\(files)</References><DiskSection>\(disks)</DiskSection>
                <VirtualSystem ovf:id="one"><VirtualHardwareSection>\(hardware)</VirtualHardwareSection></VirtualSystem>
                </Envelope>
                """.utf8), what: "test")
    }

    private static let memory = item(
        4, "<VirtualQuantity>512</VirtualQuantity><AllocationUnits>MegaBytes</AllocationUnits>")

    private static func item(_ type: Int, _ fields: String) -> String {
        "<Item><ResourceType>\(type)</ResourceType>\(fields)</Item>"
    }

    @Test("old words for sizes, an id in place of a name, and hardware that is left out")
    func old() throws {
        let description = try read(
            Self.memory + Self.item(3, "<VirtualQuantity>2</VirtualQuantity>")
                + Self.item(15, "<ElementName>a CD drive</ElementName>"))
        #expect(description.machine.name == "one")
        #expect(description.machine.memory == 512 << 20)
        #expect(description.machine.processors == 2)
        #expect(description.remarks.count == 1)
        #expect(description.remarks.first?.contains("a CD drive") == true)
    }

    @Test(
        "units of sizes",
        arguments: [
            ("byte", 3 as UInt64?), ("byte * 2^20", 3 << 20), ("byte*10^3", 3000), ("GigaBytes", 3 << 30),
            ("byte * 2^64", nil), ("byte * 2^63", nil), ("elephants", nil), ("byte * 512", 1536),
        ])
    func units(_ unit: String, _ bytes: UInt64?) { #expect(OVFReading.product(3, unit) == bytes) }

    @Test("a disk in pieces, packed, or over another one is refused by name")
    func unsupported() {
        for file in ["ovf:chunkSize=\"1\"", "ovf:compression=\"gzip\""] {
            let error = #expect(throws: EngineError.self) {
                _ = try read(Self.memory, files: "<File ovf:id=\"a\" ovf:href=\"a.vmdk\" \(file)/>")
            }
            #expect(error?.kind == .unsupported)
        }
        let error = #expect(throws: EngineError.self) {
            _ = try read(Self.memory, disks: "<Disk ovf:diskId=\"d\" ovf:capacity=\"1\" ovf:parentRef=\"e\"/>")
        }
        #expect(error?.kind == .unsupported)
    }

    @Test("references to what is not there are corrupt")
    func dangling() {
        let disk = "<Disk ovf:diskId=\"d\" ovf:capacity=\"1\"/>"
        let wrong = [
            { try read(Self.memory, disks: "<Disk ovf:diskId=\"d\" ovf:capacity=\"1\" ovf:fileRef=\"f\"/>") },
            { try read(Self.memory + Self.item(17, "<HostResource>ovf:/disk/e</HostResource>"), disks: disk) },
            {
                try read(
                    Self.memory + Self.item(17, "<HostResource>ovf:/disk/d</HostResource><Parent>9</Parent>"),
                    disks: disk)
            },
            { try read("") }, { try read(Self.memory + "<Item/>") },
        ]
        for one in wrong {
            let error = #expect(throws: EngineError.self) { _ = try one() }
            #expect(error?.kind == .corrupt)
        }
    }

    @Test("the lines of a manifest, as several tools write them")
    func manifest() throws {
        let digest = String(repeating: "0a", count: 32)
        let text =
            "SHA256(a b(1).vmdk)= \(digest)\r\nSHA2-256(b)= \(digest.uppercased())\n\nSHA1 (c) = \(digest.prefix(40))\n"
        let manifest = try OVAManifest(parsing: text)
        #expect(manifest.lines.map(\.file) == ["a b(1).vmdk", "b", "c"])
        #expect(manifest.lines.map(\.algorithm) == [.sha256, .sha256, .sha1])
        #expect(try OVAManifest(parsing: manifest.text) == manifest)
        for wrong in ["MD5(a)= \(digest)", "SHA256(a)= 0a", "SHA256 a", "SHA256(a) \(digest)"] {
            #expect(throws: EngineError.self) { _ = try OVAManifest(parsing: wrong) }
        }
    }

    @Test("damaged headers of a tar, links and names that lead out are refused")
    func tar() async throws {
        let time = Timestamp(milliseconds: 0)
        func members(_ bytes: [UInt8]) async throws -> [TarReader.Member] {
            let memory = MemoryImages()
            memory["a"] = bytes
            return try await TarReader(file: memory.storage("a")).members()
        }
        let good =
            TarHeader(name: "a", count: 3).bytes(time: time) + [UInt8](repeating: 1, count: 512)
            + [UInt8](repeating: 0, count: 1024)
        #expect(try await members(good).map(\.range.count) == [3])
        var flipped = good
        flipped[0] ^= 1
        await #expect(throws: EngineError.self) { _ = try await members(flipped) }
        for name in ["../a", "/etc/passwd", "a/../../b"] {
            let bytes = TarHeader(name: name, count: 0).bytes(time: time)
            await #expect(throws: EngineError.self) { _ = try await members(bytes) }
        }
        let long = TarHeader(name: "a", count: 1 << 62).bytes(time: time)
        await #expect(throws: EngineError.self) { _ = try await members(long) }
    }
}
