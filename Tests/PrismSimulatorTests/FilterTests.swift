import Testing

@testable import PrismSimulator

@Suite("Filters")
struct FilterTests {
    private let vm: JSONValue = [
        "name": "it's-01", "extId": "a", "memory": 4, "isOn": true, "created": "2026-01-02T03:04:05.000000Z",
        "cluster": ["extId": "c1"], "disks": [["bus": "SCSI", "index": 0], ["bus": "IDE", "index": 1]],
    ]

    @Test(
        "expressions that fit",
        arguments: [
            "name eq 'it''s-01'", "name ne 'x'", "startswith(name,'it')", "contains(name, 's-0')",
            "endswith(name,'01')", "name in ('x','it''s-01')", "cluster/extId eq 'c1'", "memory ge 4 and memory lt 5",
            "name eq 'x' or isOn eq true", "not (name eq 'x')", "not name eq 'x' and extId eq 'a'",
            "disks/any(d:d/bus eq 'IDE' and d/index eq 1)", "disks/any()", "owner eq null",
            "created gt 2026-01-02T03:04:04Z", "created lt '2026-01-02T04:04:05Z'",
            "extId eq Some.Namespace.Kind'a'", "(name eq 'x' or extId eq 'a') and isOn eq true",
        ])
    func fits(_ text: String) throws {
        #expect(try FilterParser.parse(text).matches(vm))
    }

    @Test(
        "expressions that do not fit",
        arguments: [
            "name eq 'its-01'", "name ne 'it''s-01'", "startswith(name,'x')", "name in ('x')", "memory gt 4",
            "name eq 'x' and extId eq 'a' or isOn eq false", "disks/any(d:d/bus eq 'IDE' and d/index eq 0)",
            "nics/any(n:n/mac eq 'x')", "owner eq 'x'", "name eq null", "memory eq '4'",
        ])
    func doesNotFit(_ text: String) throws {
        #expect(try !FilterParser.parse(text).matches(vm))
    }

    @Test(
        "broken expressions are refused",
        arguments: [
            "", "name", "name eq", "name eq 'x", "eq 'x'", "name like 'x'", "(name eq 'x'", "name eq 'x')",
            "startswith(name)", "name in 'x'", "name in ()", "disks/any(d d/bus eq 'x')", "name eq x",
            "name eq 'x' and", "not", "a eq 1 b eq 2", "created gt 2026-01-02T03:04:",
        ])
    func refused(_ text: String) {
        #expect(throws: FilterParser.Failure.self) { try FilterParser.parse(text) }
    }

    @Test("deep nesting is refused instead of exhausting the stack")
    func deep() {
        let text = String(repeating: "(", count: 2000) + "a eq 1" + String(repeating: ")", count: 2000)
        #expect(throws: FilterParser.Failure.self) { try FilterParser.parse(text) }
    }

    @Test("the fields of an expression are known without their lambda variables")
    func fields() throws {
        let filter = try FilterParser.parse("name eq 'x' and vms/any(v:v/extId eq 'y' or v/disks/any(d:d/bus eq 'z'))")
        #expect(filter.fields == ["name", "vms/extId", "vms/disks/bus"])
    }
}
