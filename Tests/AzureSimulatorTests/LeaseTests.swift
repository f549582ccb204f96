import Testing

@testable import AzureSimulator

@Suite("Azure leases")
struct AzureLeaseTests {
    private static let one = "00000000-0000-0000-0000-000000000001"
    private static let two = "00000000-0000-0000-0000-000000000002"

    private static func lease(
        _ azure: TestAzure, _ action: String, id: String? = nil, proposed: String? = nil, _ more: [String: String] = [:]
    ) async throws -> RawAnswer {
        var fields = more.merging(["x-ms-lease-action": action]) { $1 }
        fields["x-ms-lease-id"] = id
        fields["x-ms-proposed-lease-id"] = proposed
        return try await azure.call("PUT", "cont/b?comp=lease", fields)
    }

    private static let forEver = ["x-ms-lease-duration": "-1"]

    @Test("who writes under a lease must show its id")
    func writes() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [1])
            let taken = try await Self.lease(azure, "acquire", proposed: Self.one, Self.forEver)
            #expect(taken.status == 201 && taken["x-ms-lease-id"] == Self.one)
            let missing = try await azure.put("b", [2])
            #expect(missing.status == 412 && missing.code == "LeaseIdMissing")
            let other = try await azure.call("DELETE", "cont/b", ["x-ms-lease-id": Self.two])
            #expect(other.status == 412 && other.code == "LeaseIdMismatchWithBlobOperation")
            #expect(try await azure.put("b", [3], ["x-ms-lease-id": Self.one]).status == 201)
            let head = try await azure.call("HEAD", "cont/b")
            #expect(head["x-ms-lease-state"] == "leased" && head["x-ms-lease-duration"] == "infinite")
            #expect(try await azure.call("GET", "cont/b").body == [3])
            #expect(try await azure.call("GET", "cont/b", ["x-ms-lease-id": Self.two]).status == 412)
        }
    }

    @Test("a lease is had by one, and acquiring it again with its own id is no error")
    func acquire() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [1])
            #expect(try await Self.lease(azure, "acquire", proposed: Self.one, Self.forEver).status == 201)
            #expect(try await Self.lease(azure, "acquire", proposed: Self.one, Self.forEver).status == 201)
            let second = try await Self.lease(azure, "acquire", proposed: Self.two, Self.forEver)
            #expect(second.status == 409 && second.code == "LeaseAlreadyPresent")
            let short = try await Self.lease(azure, "acquire", proposed: Self.one, ["x-ms-lease-duration": "5"])
            #expect(short.status == 400 && short.code == "InvalidHeaderValue")
            #expect(try await Self.lease(azure, "acquire", proposed: Self.one).code == "MissingRequiredHeader")
            #expect(try await Self.lease(azure, "acquire", proposed: "mine", Self.forEver).code == "InvalidHeaderValue")
        }
    }

    @Test("a lease is changed, renewed and released by its id alone")
    func ways() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [1])
            let none = try await Self.lease(azure, "renew", id: Self.one)
            #expect(none.status == 409 && none.code == "LeaseIdMismatchWithLeaseOperation")
            _ = try await Self.lease(azure, "acquire", proposed: Self.one, ["x-ms-lease-duration": "60"])
            #expect(try await Self.lease(azure, "change", id: Self.one, proposed: Self.two).status == 200)
            let renewed = try await Self.lease(azure, "renew", id: Self.two)
            #expect(renewed.status == 200 && renewed["x-ms-lease-id"] == Self.two)
            #expect(try await Self.lease(azure, "release", id: Self.one).code == "LeaseIdMismatchWithLeaseOperation")
            #expect(try await Self.lease(azure, "release", id: Self.two).status == 200)
            #expect(try await azure.call("HEAD", "cont/b")["x-ms-lease-state"] == "available")
            let lost = try await azure.put("b", [2], ["x-ms-lease-id": Self.two])
            #expect(lost.status == 412 && lost.code == "LeaseNotPresentWithBlobOperation")
        }
    }

    @Test("a lease ends by itself, and can be renewed by its id for as long as nobody else has it")
    func expiry() throws {
        let start = Instant(seconds: 1_000_000)
        var lease = Lease()
        try lease.acquire(Self.one, duration: 15, start)
        #expect(lease.state(start.adding(14)) == .leased && lease.state(start.adding(15)) == .expired)
        #expect(throws: Never.self) { try lease.check(nil, writing: true, start.adding(16)) }
        let lost = #expect(throws: AzureError.self) { try lease.check(Self.one, writing: true, start.adding(16)) }
        #expect(lost?.code == "LeaseLost")
        try lease.renew(Self.one, start.adding(20))
        #expect(lease.state(start.adding(34)) == .leased)
        try lease.acquire(Self.two, duration: nil, start.adding(40))
        #expect(lease.state(start.adding(1e9)) == .leased && lease.duration == nil)
        #expect(try lease.breakUp(after: nil, start.adding(50)) == 0)
    }

    @Test("a lease is broken without its id, at once or after a while")
    func breaking() async throws {
        try await TestAzure.run { azure in
            try await azure.put("b", [1])
            #expect(try await Self.lease(azure, "break").code == "LeaseNotPresentWithLeaseOperation")
            _ = try await Self.lease(azure, "acquire", proposed: Self.one, ["x-ms-lease-duration": "60"])
            let slow = try await Self.lease(azure, "break", ["x-ms-lease-break-period": "30"])
            #expect(slow.status == 202 && slow["x-ms-lease-time"] == "30")
            #expect(try await azure.call("HEAD", "cont/b")["x-ms-lease-state"] == "breaking")
            #expect(try await azure.put("b", [2]).code == "LeaseIdMissing")
            let early = try await Self.lease(azure, "acquire", proposed: Self.two, Self.forEver)
            #expect(early.code == "LeaseIsBreakingAndCannotBeAcquired")
            let now = try await Self.lease(azure, "break", ["x-ms-lease-break-period": "0"])
            #expect(now.status == 202 && now["x-ms-lease-time"] == "0")
            #expect(try await azure.call("HEAD", "cont/b")["x-ms-lease-state"] == "broken")
            #expect(try await Self.lease(azure, "renew", id: Self.one).code == "LeaseIsBrokenAndCannotBeRenewed")
            #expect(try await azure.put("b", [2]).status == 201)
        }
    }
}
