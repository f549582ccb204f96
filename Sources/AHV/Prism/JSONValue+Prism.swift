import Engine

extension JSONValue {
    /// An object of a named Prism type; members without a value are left out.
    static func typed(_ type: String, _ members: [String: JSONValue?]) -> JSONValue {
        var object: [String: JSONValue] = ["$objectType": .string(type)]
        for case (let name, let value?) in members { object[name] = value }
        return .object(object)
    }

    /// The same object with a member set, or without it for nil.
    func setting(_ name: String, _ value: JSONValue?) -> JSONValue {
        var object = object
        object[name] = value
        return .object(object)
    }

    /// The type's name behind its last dot: `VmDisk`.
    var typeName: String? {
        self["$objectType"]?.string.flatMap { $0.split(separator: ".").last }.map { String($0) }
    }

    var extID: String? { self["extId"]?.string }

    /// A size in bytes, which Prism writes as a number or as digits.
    var bytes: UInt64? { integer.flatMap { UInt64(exactly: $0) } }

    /// The address in one of Prism's `IPAddress` or `IPAddressOrFQDN` objects.
    var address: String? {
        self["ipv4"]?["value"]?.string ?? self["ipv6"]?["value"]?.string ?? self["fqdn"]?["value"]?.string
    }
}
