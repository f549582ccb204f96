import Testing

@testable import PrismSimulator

@Suite("Schema")
struct SchemaTests {
    private let vm = "vmm.v4.ahv.config.Vm"

    @Test("a body of known members fits, with SDK members and nulls")
    func fits() {
        let body: JSONValue = [
            "name": "x", "memorySizeBytes": 1, "isAgentVm": false, "description": nil, "$unknownFields": [:],
            "$reserved": ["$fv": "v4.r9"], "$objectType": "vmm.v4.ahv.config.Vm",
            "cluster": ["extId": "c", "$objectType": "vmm.v4.ahv.config.ClusterReference"],
        ]
        #expect(Schema.prism.violations(of: body, type: vm, minor: 0).isEmpty)
    }

    @Test("unknown members, wrong types and wrong classes are named with their path")
    func violations() {
        let body: JSONValue = [
            "foo": 1, "memorySizeBytes": "1", "isAgentVm": 0, "disks": [["bar": 1]],
            "cluster": ["$objectType": "vmm.v4.ahv.config.HostReference"],
        ]
        let paths = Set(Schema.prism.violations(of: body, type: vm, minor: 0).map(\.path))
        #expect(paths == ["/foo", "/memorySizeBytes", "/isAgentVm", "/disks/0/bar", "/cluster/$objectType"])
    }

    @Test("a member and a class of a newer version are refused by an older one")
    func versions() {
        let nic: JSONValue = ["nicBackingInfo": ["$objectType": "vmm.v4.ahv.config.VirtualEthernetNic"]]
        let disk: JSONValue = [
            "dataSource": ["reference": ["$objectType": "vmm.v4.ahv.config.VolumeDiskReference", "diskExtId": "d"]]
        ]
        for (body, type) in [(nic, "vmm.v4.ahv.config.Nic"), (disk, "vmm.v4.ahv.config.VmDisk")] {
            #expect(!Schema.prism.violations(of: body, type: type, minor: 0).isEmpty)
            #expect(Schema.prism.violations(of: body, type: type, minor: 1).isEmpty)
        }
    }

    @Test("a oneOf member without its type is refused")
    func oneOf() {
        let found = Schema.prism.violations(of: ["bootConfig": ["bootOrder": ["DISK"]]], type: vm, minor: 2)
        #expect(found.map(\.path) == ["/bootConfig"])
    }

    @Test("answers carry types on objects, on the first of a nested list and on every oneOf")
    func dressing() {
        let disk: JSONValue = ["backingInfo": ["$objectType": "vmm.v4.ahv.config.VmDisk", "diskSizeBytes": 1]]
        let dressed = Schema.prism.dressed(["disks": [disk, disk]], as: vm, minor: 1)
        #expect(dressed.at("$reserved.$fv") == "v4.r1")
        #expect(dressed["disks"]?[0]?["$objectType"] == "vmm.v4.ahv.config.Disk")
        #expect(dressed["disks"]?[1]?["$objectType"] == nil)
        #expect(dressed["disks"]?[1]?.at("backingInfo.$objectType") == "vmm.v4.ahv.config.VmDisk")
        #expect(dressed["disks"]?[1]?.at("backingInfo.$reserved.$fv") == "v4.r1")
    }

    @Test("answers of an older version leave newer members out")
    func olderAnswers() {
        let nic: JSONValue = [
            "backingInfo": ["macAddress": "m"],
            "nicBackingInfo": ["$objectType": "vmm.v4.ahv.config.VirtualEthernetNic"],
        ]
        let name = "vmm.v4.ahv.config.Nic"
        #expect(Schema.prism.dressed(nic, as: name, minor: 0)["nicBackingInfo"] == nil)
        #expect(Schema.prism.dressed(nic, as: name, minor: 1)["nicBackingInfo"] != nil)
    }
}
